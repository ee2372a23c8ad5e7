import { runService } from '@parley/service-kit'
import { loadConfig, startPresence } from './index.ts'

await runService({ name: 'presence', loadConfig, start: startPresence })
