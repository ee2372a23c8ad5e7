export type {
  ChatClient,
  ClientBuild,
  ConnectOptions,
  DirectAddress,
  Downloaded,
  DownloadOptions,
  EntryPlace,
  SendOptions,
  SendResult,
  ServerOptions,
  Target,
  TransferOptions,
  TransferProgress,
  Uploaded,
  Variant,
} from './api.ts'
export type { Calls } from './calls/calls.ts'
export type { CallOptions } from './calls/caller.ts'
export { login, logout, openCalls, register } from './calls/open-calls.ts'
export type { LoginRequest, OpenCalls } from './calls/open-calls.ts'
export { currentLogin } from './calls/tokens.ts'
export type {
  AcceptedSend,
  ClientEvent,
  ConnectionState,
  ConversationView,
  DirectMessage,
  PositionView,
  PresenceView,
  ProfileView,
} from './client-events.ts'
export { idBytes, idText } from './ids.ts'
export type {
  AccountState,
  LocalState,
  Login,
  OutboxMessage,
  OutboxRow,
  StateLock,
  StoredConversation,
  StoredEntry,
} from './state/local-state.ts'
export { openHome } from './state/home.ts'
export { MemoryState } from './state/memory-state.ts'
export type { MemoryStateOptions } from './state/memory-state.ts'
export { fileDigest } from './transfer/file-digest.ts'
export { downloadPackage, uploadPackage } from './transfer/packages.ts'
export type { PackageUpload, PublishedPackage } from './transfer/packages.ts'
export { connect } from './session/chat-session.ts'
export { ChatStream } from './session/stream.ts'
export type { CommandCase, StreamOptions } from './session/stream.ts'
export { Servers } from './servers/servers.ts'
export type { Channel, Dial, Door } from './servers/servers.ts'
export { downloadPicture } from './transfer/picture.ts'
export type { PictureOwner } from './transfer/picture.ts'
