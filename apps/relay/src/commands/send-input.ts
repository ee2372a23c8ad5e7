import type { AttachmentRow, ConversationRow } from '../store/tx.ts'

/** A message as its session has checked and encoded it. */
export interface SendInput {
  readonly sender: number
  /** Where to: an id that the session knows, or 0 and one of the two public ids. */
  readonly conversation: number
  readonly conversationId: Uint8Array | undefined
  readonly peerId: Uint8Array | undefined
  readonly clientId: Uint8Array
  readonly digest: Uint8Array
  /** Field number of the content. */
  readonly kind: number
  /** What an edit or recall is about; 0 for other contents. */
  readonly targetSeq: number
  readonly replyTo: number
  readonly sentAtMs: number
  /** The encoded parley.chat.v1.Entry; without content when `forwardOf` is set. */
  readonly entry: Uint8Array
  readonly attachment: AttachmentRow | undefined
  readonly forwardOf: { readonly conversationId: Uint8Array; readonly seq: number } | undefined
}

export interface SendAnswer {
  readonly conversation: number
  readonly conversationId: Uint8Array
  readonly epoch: number
  readonly seq: number
  readonly sentAtMs: number
}

/** Where a message goes, once that is known to exist. */
export interface Destination {
  readonly conversation: ConversationRow | undefined
  /** The other side of a direct conversation. */
  readonly peer: number | undefined
}
