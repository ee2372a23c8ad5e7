import { chat } from '@parley/proto'
import { fieldBytes, varintBytes, writeBytes, writeField } from './protobuf-fields.ts'

const none = Buffer.alloc(0)

// Fields of Entry; `text` is field 1 both of Content and of Text.
const clientMessageIdTag = 0x1a
const sentAtTag = 0x20
const contentTag = 0x2a
const replyToTag = 0x30
const textTag = 0x0a

/** What an entry says, encoded: fields 5 and up of an Entry. */
export function encodeTail(content: chat.Content | undefined, replyToSeq: number): Uint8Array {
  if (content?.content?.$case === 'text' && replyToSeq >= 0) {
    return textTail(content.content.value.text, replyToSeq)
  }
  return chat.Entry.encode({
    senderId: none,
    senderName: '',
    clientMessageId: none,
    sentAtMs: 0,
    content,
    replyToSeq,
    forwarded: false,
  }).finish()
}

/** Hot path: the same for a text, which most messages are. */
function textTail(text: string, replyToSeq: number): Buffer {
  const textBytes = Buffer.byteLength(text)
  // A text that is not empty; the generated code would leave an empty one out.
  const inText = textBytes === 0 ? 0 : fieldBytes(textBytes)
  const inContent = fieldBytes(inText)
  const replyBytes = replyToSeq === 0 ? 0 : 1 + varintBytes(replyToSeq)
  const out = Buffer.allocUnsafe(fieldBytes(inContent) + replyBytes)
  let at = writeField(out, 0, contentTag, inContent)
  at = writeField(out, at, textTag, inText)
  if (textBytes > 0) {
    at = writeField(out, at, textTag, textBytes)
    at += out.write(text, at)
  }
  if (replyToSeq !== 0) writeField(out, at, replyToTag, replyToSeq)
  return out
}

/**
 * Hot path: an Entry out of its parts, which a concatenation of fields is: the sender's (made once
 * per session), id of 16 bytes and time, and what it says.
 */
export function joinEntry(
  senderFields: Uint8Array,
  clientId: Uint8Array,
  sentAtMs: number,
  tail: Uint8Array,
): Buffer {
  const idAndTime = 18 + 1 + varintBytes(sentAtMs)
  const out = Buffer.allocUnsafe(senderFields.length + idAndTime + tail.length)
  out.set(senderFields, 0)
  let at = writeBytes(out, senderFields.length, clientMessageIdTag, clientId)
  at = writeField(out, at, sentAtTag, sentAtMs)
  out.set(tail, at)
  return out
}
