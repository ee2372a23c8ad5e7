/** The image server: resumable upload, re-encoding in processes of their own, ticketed variants. */
export { loadConfig } from './config.ts'
export type { ImgServerConfig } from './config.ts'
export { startImgServer } from './img-server.ts'
export type { ImgServerParts } from './img-server.ts'
