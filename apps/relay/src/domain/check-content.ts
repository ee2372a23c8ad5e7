import type { chat } from '@parley/proto'
import { contentKind } from './may-send.ts'

/** The longest text, in bytes of UTF-8. */
export const maxTextBytes = 16_384
/** The longest name of a file or image, in bytes of UTF-8. */
const maxNameBytes = 255

/** The longest pack and the longest name of a sticker, in bytes of UTF-8. */
const maxStickerBytes = 64
/** The longest voice message. */
const maxVoiceMs = 600_000
/** The longest video. */
const maxVideoMs = 86_400_000

const faceName = /^[a-z0-9_-]{1,32}$/
const attachmentId = /^[A-Za-z0-9_-]{16,64}$/

/** Why a content is refused before anything is looked up. */
export const contentReasons = {
  CONTENT_MISSING: 'The message has no content that this server knows.',
  CONTENT_NOT_ALLOWED: 'Content of this kind cannot be sent or forwarded.',
  TEXT_EMPTY: 'The text is empty.',
  TEXT_TOO_LONG: `A text has at most ${maxTextBytes} bytes.`,
  NAME_MALFORMED: `A name has 1 to ${maxNameBytes} bytes.`,
  ATTACHMENT_MALFORMED: 'The id of the file or image is malformed.',
  PRESENTATION_MISMATCH: 'A voice message has to be audio, and a video has to be one.',
  DURATION_OUT_OF_RANGE: `A voice message lasts up to ${maxVoiceMs / 60_000} minutes, a video up to a day, and nothing else has a duration.`,
  FACE_MALFORMED: 'A face has a name of 1 to 32 characters: a to z, digits, _ and -.',
  STICKER_MALFORMED: `A sticker has an image; its pack and name have at most ${maxStickerBytes} bytes each.`,
  TARGET_MALFORMED: 'The entry that this is about is not given.',
} as const

export type ContentReason = keyof typeof contentReasons

/** What a content is, as far as the rules need to know, or why it is refused. */
export interface ContentFacts {
  readonly kind: number
  /** What an edit or recall is about; 0 for others. */
  readonly targetSeq: number
}

/** As File.Presentation on the wire. */
const presented = { plain: 0, voice: 1, video: 2 } as const

type Content = NonNullable<chat.Content['content']>

/** Checks what a client wants to send, by itself. */
export function checkContent(content: Content | undefined): ContentFacts | ContentReason {
  switch (content?.$case) {
    case undefined:
      return 'CONTENT_MISSING'
    case 'text':
      return checkText(content.value.text) ?? facts(contentKind.text)
    case 'file':
      return checkFile(content.value) ?? facts(contentKind.file)
    case 'image':
      return checkImage(content.value) ?? facts(contentKind.image)
    case 'sticker':
      return checkSticker(content.value) ?? facts(contentKind.sticker)
    case 'face':
      return faceName.test(content.value.name) ? facts(contentKind.face) : 'FACE_MALFORMED'
    case 'nudge':
      return facts(contentKind.nudge)
    case 'edit':
      return checkEdit(content.value)
    case 'recall':
      return (
        checkTarget(content.value.targetSeq) ?? facts(contentKind.recall, content.value.targetSeq)
      )
    case 'membership':
    case 'notice':
    case 'erased':
      return 'CONTENT_NOT_ALLOWED'
  }
}

function checkText(text: string): ContentReason | undefined {
  if (text.length === 0) return 'TEXT_EMPTY'
  // A character takes at most three bytes of UTF-8 per code unit.
  if (text.length * 3 <= maxTextBytes) return undefined
  return Buffer.byteLength(text) > maxTextBytes ? 'TEXT_TOO_LONG' : undefined
}

function checkFile(file: chat.File): ContentReason | undefined {
  if (!attachmentId.test(file.fileId)) return 'ATTACHMENT_MALFORMED'
  if (file.name.length === 0) return 'NAME_MALFORMED'
  return checkName(file.name) ?? checkPresentation(file)
}

function checkPresentation(file: chat.File): ContentReason | undefined {
  const { presentation = presented.plain, durationMs = 0 } = file
  switch (presentation) {
    case presented.plain:
      return durationMs === 0 ? undefined : 'DURATION_OUT_OF_RANGE'
    case presented.voice:
      return isWithin(durationMs, 1, maxVoiceMs) ? undefined : 'DURATION_OUT_OF_RANGE'
    case presented.video:
      return isWithin(durationMs, 0, maxVideoMs) ? undefined : 'DURATION_OUT_OF_RANGE'
    default:
      return 'PRESENTATION_MISMATCH'
  }
}

/** May a file of this type, as its server has sniffed it, be shown so? */
export function suitsPresentation(mediaType: string, file: chat.File): boolean {
  switch (file.presentation) {
    case presented.voice:
      return mediaType.startsWith('audio/')
    case presented.video:
      return mediaType.startsWith('video/')
    default:
      return true
  }
}

function isWithin(value: number, min: number, max: number): boolean {
  return value >= min && value <= max
}

function checkImage(image: chat.Image): ContentReason | undefined {
  return attachmentId.test(image.imageId) ? checkName(image.name) : 'ATTACHMENT_MALFORMED'
}

function checkSticker({ image, pack, name }: chat.Sticker): ContentReason | undefined {
  if (image === undefined) return 'STICKER_MALFORMED'
  const longest = Math.max(Buffer.byteLength(pack), Buffer.byteLength(name))
  return longest > maxStickerBytes ? 'STICKER_MALFORMED' : checkImage(image)
}

function checkName(name: string): ContentReason | undefined {
  return Buffer.byteLength(name) > maxNameBytes ? 'NAME_MALFORMED' : undefined
}

function checkEdit(edit: chat.Edit): ContentFacts | ContentReason {
  const objection = checkTarget(edit.targetSeq) ?? checkText(edit.text)
  return objection ?? facts(contentKind.edit, edit.targetSeq)
}

function checkTarget(seq: number): ContentReason | undefined {
  return seq >= 1 ? undefined : 'TARGET_MALFORMED'
}

function facts(kind: number, targetSeq = 0): ContentFacts {
  return { kind, targetSeq }
}
