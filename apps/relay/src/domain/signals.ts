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
