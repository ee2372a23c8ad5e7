import { runService } from '@parley/service-kit'
import { loadConfig } from './config.ts'
import { startImgServer } from './img-server.ts'

await runService({
  name: 'img-server',
  loadConfig,
  start: (config, log) => startImgServer(config, { log }),
})
