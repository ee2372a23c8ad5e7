import { runService } from '@parley/service-kit'
import { loadConfig } from './config.ts'
import { startRelay } from './relay.ts'

await runService({ name: 'relay', loadConfig, start: startRelay })
