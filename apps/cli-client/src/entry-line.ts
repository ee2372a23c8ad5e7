import type { chat } from '@parley/proto'
import { idText } from './ids.ts'
import { erasedWord, membershipWord, noticeWord, roleWord } from './names.ts'
import type { JsonLine } from './output.ts'

/** An entry and its place, as every command knows it. */
export interface PlacedEntry {
  /** UUID text. */
  readonly conversationId: string
  readonly seq: number
  readonly entry: chat.Entry
  /** Its words were changed by a later edit. */
  readonly edited?: boolean
}

/** The JSON line of an entry, see docs/cli.md. */
export function entryLine(placed: PlacedEntry): JsonLine {
  const { conversationId, seq, entry, edited = false } = placed
  return {
    type: 'entry',
    conversationId,
    seq,
    senderId: idText(entry.senderId),
    senderName: entry.senderName || null,
    messageId: idText(entry.clientMessageId),
    sentAtMs: entry.sentAtMs,
    replyToSeq: entry.replyToSeq || null,
    forwarded: entry.forwarded,
    edited,
    content: contentLine(entry.content?.content),
  }
}

type ContentCase = chat.Content['content']

/** What an entry says, as it stands in the JSON lines. */
export function contentLine(content: ContentCase): Readonly<Record<string, unknown>> {
  switch (content?.$case) {
    case 'text':
      return { kind: 'text', text: content.value.text }
    case 'file':
      return fileLine(content.value)
    case 'image':
      return imageLine(content.value)
    case 'edit':
      return { kind: 'edit', targetSeq: content.value.targetSeq, text: content.value.text }
    case 'recall':
      return { kind: 'recall', targetSeq: content.value.targetSeq }
    case 'nudge':
      return { kind: 'nudge' }
    case 'membership':
      return membershipLine(content.value)
    case 'notice':
      return noticeLine(content.value)
    case 'erased':
      return { kind: 'erased', why: erasedWord(content.value.why) }
    case undefined:
      return { kind: 'unknown' }
  }
}

function fileLine(file: chat.File) {
  const { fileId, name, size, digest, mediaType } = file
  return { kind: 'file', fileId, name, size, digest: digest.toString('hex'), mediaType }
}

function imageLine(image: chat.Image) {
  const { imageId, name, size, digest, mediaType, width, height } = image
  const hex = digest.toString('hex')
  return { kind: 'image', imageId, name, size, digest: hex, mediaType, width, height }
}

function membershipLine(membership: chat.Membership) {
  return {
    kind: 'membership',
    change: membershipWord(membership.change),
    userId: idText(membership.userId),
    userName: membership.userName || null,
    role: membership.role > 0 ? roleWord(membership.role) : null,
    title: membership.title || null,
  }
}

function noticeLine(notice: chat.Notice) {
  return {
    kind: 'notice',
    notice: noticeWord(notice.kind),
    userId: idText(notice.userId),
    userName: notice.userName || null,
    conversationId: idText(notice.conversationId),
    title: notice.title || null,
    text: notice.text || null,
  }
}
