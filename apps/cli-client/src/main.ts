import type { Cli } from './cli.ts'
import { cliConfig, currentEnv } from './config.ts'
import { parleyCatalog } from './parley-catalog.ts'
import { runProcess } from './run-process.ts'

// Such warnings are for who writes programs: grpc-js earns one by TLS with a server that is named by its IP.
process.noDeprecation = true

await runProcess<Cli>(
  {
    name: 'parley',
    description: 'Chat, files and images from the terminal.',
    catalog: parleyCatalog,
    epilogue: `TARGET is @name, '#group' (quoted: # begins a comment in a shell) or a conversation id.
Exit codes: 0 done, 1 refused, 2 wrong usage, 3 server not reached, 4 too old for the server, 130 interrupted.
Environment: PARLEY_SERVER (127.0.0.1:20000), PARLEY_HOME, PARLEY_PASSWORD.`,
  },
  async (surroundings) => ({ ...surroundings, config: await cliConfig(currentEnv()) }),
)
