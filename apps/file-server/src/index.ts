/** The file server: resumable upload, range download. */
export { loadConfig } from './config.ts'
export type { FileServerConfig } from './config.ts'
export { startFileServer } from './file-server.ts'
export type { FileServerParts } from './file-server.ts'
