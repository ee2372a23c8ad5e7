/** The wire contract as code: one namespace per package of `proto/parley`. */
export * as chat from './gen/chat.ts'
export * as common from './gen/common.ts'
export * as events from './gen/events.ts'
export * as files from './gen/files.ts'
export * as images from './gen/images.ts'
export * as presence from './gen/presence.ts'
