import { hash } from 'node:crypto'
import { chat } from '@parley/proto'
import { isUuidv7 } from '@parley/service-kit'
import { bytesKey } from '../domain/bytes.ts'
import { checkContent, contentReasons } from '../domain/check-content.ts'
import type { ContentReason } from '../domain/check-content.ts'
import type { SendInput } from '../commands/send-input.ts'
import type { Session } from './session.ts'

const { Entry } = chat

/** A send as far as it can be checked without the database. */
export interface PreparedSend {
  readonly input: SendInput
  /** The same for every name of the same conversation: keeps a sender's order. */
  readonly orderKey: string
}

/** Why a send is refused before it reaches the database. */
export const malformedReasons = {
  ...contentReasons,
  ID_MALFORMED: 'The id of a message is a UUIDv7 of 16 bytes.',
  DESTINATION_MALFORMED: 'A message goes to one conversation or one user.',
} as const

export type MalformedReason = ContentReason | 'ID_MALFORMED' | 'DESTINATION_MALFORMED'

const none = Buffer.alloc(0)
const clientIdTag = 0x1a
const sentAtTag = 0x20

/** Checks a send and encodes its entry: the bytes that will lie on disk and go to every reader. */
export function prepareSend(
  session: Session,
  send: chat.Send,
  sentAtMs: number,
): PreparedSend | MalformedReason {
  const { clientMessageId, content, replyToSeq, forwardOf } = send
  if (!isUuidv7(clientMessageId)) return 'ID_MALFORMED'
  const to = destination(session, send.target)
  if (to === undefined) return 'DESTINATION_MALFORMED'
  const facts = forwardOf === undefined ? checkContent(content?.content) : forwarded
  if (typeof facts === 'string') return facts
  const tail = encodeTail(forwardOf === undefined ? content : undefined, replyToSeq)
  const input: SendInput = {
    sender: session.identity.user,
    conversation: to.conversation,
    conversationId: to.conversationId,
    peerId: to.peerId,
    clientId: clientMessageId,
    digest: digestOf(send.target?.value ?? none, tail, forwardOf),
    kind: facts.kind,
    targetSeq: facts.targetSeq,
    replyTo: replyToSeq,
    sentAtMs,
    entry: joinEntry(session, clientMessageId, sentAtMs, tail),
    attachment: undefined,
    forwardOf,
  }
  return { input, orderKey: to.orderKey }
}

/** The prepared send with the content that a server has vouched for. */
export function withContent(
  session: Session,
  { input, orderKey }: PreparedSend,
  content: chat.Content,
  attachment: SendInput['attachment'],
): PreparedSend {
  const tail = encodeTail(content, input.replyTo)
  const entry = joinEntry(session, input.clientId, input.sentAtMs, tail)
  return { orderKey, input: { ...input, entry, attachment } }
}

// The content of a forward is found where it lies; its kind is known then.
const forwarded = { kind: 0, targetSeq: 0 }

interface To {
  readonly conversation: number
  readonly conversationId: Uint8Array | undefined
  readonly peerId: Uint8Array | undefined
  readonly orderKey: string
}

function destination(session: Session, target: chat.Send['target']): To | undefined {
  if (target?.value.length !== 16) return undefined
  const key = bytesKey(target.value)
  if (target.$case === 'userId') {
    return { conversation: 0, conversationId: undefined, peerId: target.value, orderKey: key }
  }
  const place = session.placesById.get(key)
  const orderKey = place?.peerId === undefined ? key : bytesKey(place.peerId)
  const conversation = place?.conversation ?? 0
  return { conversation, conversationId: target.value, peerId: undefined, orderKey }
}

/** Fields 5 and up of an Entry. */
function encodeTail(content: chat.Content | undefined, replyToSeq: number): Uint8Array {
  return Entry.encode({
    senderId: none,
    senderName: '',
    clientMessageId: none,
    sentAtMs: 0,
    content,
    replyToSeq,
    forwarded: false,
  }).finish()
}

/**
 * Hot path: an Entry out of its parts, which a concatenation of fields is: the sender's (made once
 * per session), id and time, and the encoded rest.
 */
function joinEntry(
  session: Session,
  clientId: Uint8Array,
  sentAtMs: number,
  tail: Uint8Array,
): Buffer {
  const { senderFields } = session
  const out = Buffer.allocUnsafe(senderFields.length + 18 + 8 + tail.length)
  out.set(senderFields, 0)
  let at = senderFields.length
  out[at] = clientIdTag
  out[at + 1] = 16
  out.set(clientId, at + 2)
  at += 18
  out[at] = sentAtTag
  at += 1
  let rest = sentAtMs
  while (rest > 0x7f) {
    out[at] = (rest % 0x80) | 0x80
    rest = Math.floor(rest / 0x80)
    at += 1
  }
  out[at] = rest
  out.set(tail, at + 1)
  return out.subarray(0, at + 1 + tail.length)
}

/** What makes a repeated send the same: where to and what, but neither when nor by which receipt. */
function digestOf(target: Uint8Array, tail: Uint8Array, forwardOf: chat.ForwardOf | undefined) {
  const source = forwardOf === undefined ? none : chat.ForwardOf.encode(forwardOf).finish()
  const parts = Buffer.concat([target, tail, source])
  return hash('sha256', parts, 'buffer').subarray(0, 16)
}
