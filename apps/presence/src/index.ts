/** Who is online: the service and its configuration. */
export { loadConfig } from './config.ts'
export type { PresenceConfig } from './config.ts'
export { startPresence } from './presence.ts'
