import type { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import type { SendResult } from '../api.ts'
import { idText } from '../ids.ts'
import type { LaneItem } from './lane.ts'

/** Hears what became of a message: an `AppError` for a refusal. */
export type Settle = (result: SendResult | AppError) => void

/** A message of the outbox in the hands of this client. */
export interface SendItem extends LaneItem {
  readonly send: chat.Send
  readonly laneKey: string
  /** Answer `queued` when no server can be reached. */
  readonly mayQueue: boolean
  /** Whoever waits for it here; nobody for a message of an earlier run. */
  settle: Settle | undefined
  sentAtMs: number
}

/** A message as it is handed in, before it is in the outbox. */
export interface FreshSend {
  readonly send: chat.Send
  /** The encoded `send`. */
  readonly command: Uint8Array
  readonly mayQueue: boolean
  readonly settle: Settle
}

/** The key by which answers find their message. */
export function messageKey(clientMessageId: Buffer): string {
  return clientMessageId.toString('latin1')
}

/** What the message will read as in the log; undefined where only the server knows the whole of it. */
export function ownEntry(
  send: chat.Send,
  sender: { readonly id: Buffer; readonly name: string },
  sentAtMs: number,
): chat.Entry | undefined {
  if (send.forwardOf || !isWhole(send.content)) return undefined
  return {
    senderId: sender.id,
    senderName: sender.name,
    clientMessageId: send.clientMessageId,
    sentAtMs,
    content: send.content,
    replyToSeq: send.replyToSeq,
    forwarded: false,
  }
}

/**
 * To whom the message goes, as one key for each conversation. A direct one goes by its other person:
 * messages to somebody may wait before their conversation is known, and must not be overtaken then.
 */
export function laneKey(
  send: chat.Send,
  peerOf: (conversationId: string) => string | undefined,
): string {
  const { target } = send
  if (!target) return ''
  const id = idText(target.value)
  return target.$case === 'userId' ? id : (peerOf(id) ?? id)
}

// The server completes an attachment from its receipt.
function isWhole(content: chat.Content | undefined): boolean {
  const one = content?.content
  if (one?.$case === 'file' || one?.$case === 'image') return one.value.digest.length > 0
  if (one?.$case === 'sticker') return (one.value.image?.digest.length ?? 0) > 0
  return one !== undefined
}
