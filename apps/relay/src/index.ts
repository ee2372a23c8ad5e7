/** The chat server: its door for tests and for running all services in one process. */
export { loadConfig } from './config.ts'
export type { RelayConfig } from './config.ts'
export { startRelay } from './relay.ts'
