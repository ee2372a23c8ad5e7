import type { chat } from '@parley/proto'

/** How far somebody has come in a conversation; 0 for what did not move. */
export interface Position {
  readonly conversation: number
  readonly user: number
  readonly userId: Uint8Array
  readonly deliveredSeq: number
  readonly readSeq: number
}

/** Somebody writes in a conversation, or has stopped. */
export interface Typing {
  readonly conversation: number
  readonly user: number
  readonly userId: Uint8Array
  readonly userName: string
  readonly typing: boolean
}

/** What a device has said about a path to the other in a direct conversation that needs no server. */
export interface DirectWord {
  readonly conversation: number
  readonly user: number
  /** The one device that it is for, or nothing. */
  readonly toDevice: Uint8Array
  readonly signal: Readonly<
    Omit<chat.DirectSignal, 'conversationId' | 'userId' | 'deviceId' | 'publicKey'>
  > & {
    readonly conversationId: Uint8Array
    readonly userId: Uint8Array
    readonly deviceId: Uint8Array
    readonly publicKey: Uint8Array
  }
}
