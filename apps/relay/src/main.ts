import { runService } from '@parley/service-kit'
import { loadConfig } from './config.ts'
import { startRelay } from './relay.ts'

// Its devices may be given 30 s to go elsewhere.
await runService({ name: 'relay', loadConfig, start: startRelay, stopLimitMs: 45_000 })
