import { runService } from '@parley/service-kit'
import { loadConfig } from './config.ts'
import { startFileServer } from './file-server.ts'

await runService({
  name: 'file-server',
  loadConfig,
  start: (config, log) => startFileServer(config, { log }),
})
