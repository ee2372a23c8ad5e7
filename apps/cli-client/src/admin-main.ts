import type { AdminCli } from './admin-cli.ts'
import { adminCatalog } from './admin-catalog.ts'
import { adminConfig, currentEnv } from './config.ts'
import { runProcess } from './run-process.ts'

await runProcess<AdminCli>(
  {
    name: 'parley-admin',
    description: "The operators' command of a relay.",
    catalog: adminCatalog,
    epilogue: `Speaks to the relay's internal server: RELAY_INTERNAL (127.0.0.1:20010).
The key is OPERATOR_KEY, or the file operator.key beside the relay's data folder
(--data-dir or DATA_DIR, data/relay unless told).
Exit codes: 0 done, 1 refused, 2 wrong usage, 3 relay not reached.`,
  },
  (surroundings) => ({ ...surroundings, config: adminConfig(currentEnv()) }),
)
