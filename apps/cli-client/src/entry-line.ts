import type { chat } from '@parley/proto'
import { erasedWord, membershipWord, noticeWord, presentationWord, roleWord } from '@parley/words'
import { idText } from './ids.ts'
import type { JsonLine } from './output.ts'
import { pictureLine } from './picture-line.ts'

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
      return { kind: 'image', ...imageLine(content.value) }
    case 'sticker':
      return stickerLine(content.value)
    case 'face':
      return { kind: 'face', name: content.value.name }
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
  const { fileId, name, size, mediaType, presentation = 0, durationMs = 0 } = file
  const digest = file.digest.toString('hex')
  return {
    kind: 'file',
    fileId,
    name,
    size,
    digest,
    mediaType,
    presentation: presentation > 0 ? presentationWord(presentation) : null,
    durationMs: durationMs || null,
  }
}

function imageLine(image: chat.Image) {
  const { imageId, name, size, digest, mediaType, width, height } = image
  return { imageId, name, size, digest: digest.toString('hex'), mediaType, width, height }
}

// Its own name is that of the sticker; the image's stays with the file it came from.
function stickerLine({ image, pack, name }: chat.Sticker) {
  const { name: fileName = '', ...facts } = image ? imageLine(image) : {}
  return { kind: 'sticker', pack: pack || null, name: name || null, fileName, ...facts }
}

function membershipLine(membership: chat.Membership) {
  return {
    kind: 'membership',
    change: membershipWord(membership.change),
    userId: idText(membership.userId),
    userName: membership.userName || null,
    role: membership.role > 0 ? roleWord(membership.role) : null,
    title: membership.title || null,
    picture: pictureLine(membership.picture),
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
