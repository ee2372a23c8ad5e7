import { chat } from '@parley/proto'
import type { Place } from '../domain/place.ts'
import { varintBytes, writeField, writeVarint } from './protobuf-fields.ts'

const { ConversationInfo, Entry, Event } = chat

/** Tag of `repeated Event events = 1` in ConnectResponse. */
const eventTag = 0x0a
/** Tag of `Entries entries = 5` in Event. */
const entriesTag = 0x2a
const conversationIdTag = 0x0a
const epochTag = 0x10
const firstSeqTag = 0x18
const entryTag = 0x22
const infoTag = 0x2a

/** An event as it lies in a ConnectResponse: frames are made by joining these. */
export type FramedEvent = Buffer

/** A message whose bytes may be of any kind: generated types ask for Buffers, encoders do not. */
export type AnyBytes<T> = T extends Uint8Array
  ? Uint8Array
  : T extends object
    ? { [K in keyof T]: AnyBytes<T[K]> }
    : T

/** Encodes an event for a frame. */
export function framed(event: AnyBytes<chat.Event['event']>): FramedEvent {
  const body = Event.encode({ event: event as chat.Event['event'] }).finish()
  const out = Buffer.allocUnsafe(1 + varintBytes(body.length) + body.length)
  const at = writeVarint(out, 1, body.length)
  out[0] = eventTag
  out.set(body, at)
  return out
}

/**
 * Hot path: an Entries event around entries that are encoded already, as `packed` runs of field 4 or
 * as one bare entry; the same buffer goes to every session that is told.
 */
export function framedEntries(
  place: Pick<Place, 'publicId' | 'epoch'>,
  firstSeq: number,
  entries: { readonly packed: Uint8Array } | { readonly one: Uint8Array },
  info: Uint8Array | undefined,
): FramedEvent {
  const packed = 'packed' in entries
  const body = packed ? entries.packed : entries.one
  const bodyBytes = packed ? body.length : 1 + varintBytes(body.length) + body.length
  const infoBytes = info === undefined ? 0 : 1 + varintBytes(info.length) + info.length
  const headBytes = 2 + 16 + 1 + varintBytes(place.epoch) + 1 + varintBytes(firstSeq)
  const inner = headBytes + bodyBytes + infoBytes
  const event = 1 + varintBytes(inner) + inner
  const out = Buffer.allocUnsafe(1 + varintBytes(event) + event)
  out[0] = eventTag
  let at = writeVarint(out, 1, event)
  at = writeField(out, at, entriesTag, inner)
  at = writeField(out, at, conversationIdTag, 16)
  out.set(place.publicId, at)
  at = writeField(out, at + 16, epochTag, place.epoch)
  at = writeField(out, at, firstSeqTag, firstSeq)
  if (!packed) at = writeField(out, at, entryTag, body.length)
  out.set(body, at)
  if (info !== undefined) out.set(info, writeField(out, at + body.length, infoTag, info.length))
  return out
}

/** What a device must know to name a conversation. */
export function encodedInfo(place: Place): Uint8Array {
  const { kind, title, peerId, peerName } = place
  const info = ConversationInfo.create({ kind: kind as chat.ConversationKind, title, peerName })
  if (peerId !== undefined) info.peerId = Buffer.from(peerId)
  return ConversationInfo.encode(info).finish()
}

/** The fields of an Entry that are the same for all messages of a sender. */
export function encodedSender(sender: {
  readonly userId: Uint8Array
  readonly userName: string
}): Uint8Array {
  const { userId, userName: senderName } = sender
  const entry = Entry.create({ senderId: Buffer.from(userId), senderName })
  return Entry.encode(entry).finish()
}
