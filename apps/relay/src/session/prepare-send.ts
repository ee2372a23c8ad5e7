import { hash } from 'node:crypto'
import { chat } from '@parley/proto'
import { isUuidv7 } from '@parley/service-kit'
import { bytesKey } from '../domain/bytes.ts'
import { checkContent, contentReasons } from '../domain/check-content.ts'
import type { ContentReason } from '../domain/check-content.ts'
import type { SendInput } from '../commands/send-input.ts'
import { encodeTail, joinEntry } from './entry-bytes.ts'
import type { Session } from './session.ts'

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
    entry: joinEntry(session.senderFields, clientMessageId, sentAtMs, tail),
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
  const entry = joinEntry(session.senderFields, input.clientId, input.sentAtMs, tail)
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

/** What makes a repeated send the same: where to and what, but neither when nor by which receipt. */
function digestOf(target: Uint8Array, tail: Uint8Array, forwardOf: chat.ForwardOf | undefined) {
  const source = forwardOf === undefined ? none : chat.ForwardOf.encode(forwardOf).finish()
  const parts = Buffer.concat([target, tail, source])
  // As a string of bytes: asked for a Buffer, `hash` takes three times as long.
  return Buffer.from(hash('sha256', parts, 'binary').slice(0, 16), 'latin1')
}
