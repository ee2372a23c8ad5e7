import type { chat } from '@parley/proto'
import { contentKind } from './may-send.ts'

/** The longest text, in bytes of UTF-8. */
export const maxTextBytes = 16_384
/** The longest name of a file or image, in bytes of UTF-8. */
const maxNameBytes = 255

const attachmentId = /^[A-Za-z0-9_-]{16,64}$/

/** Why a content is refused before anything is looked up. */
export const contentReasons = {
  CONTENT_MISSING: 'The message has no content that this server knows.',
  CONTENT_NOT_ALLOWED: 'Content of this kind cannot be sent or forwarded.',
  TEXT_EMPTY: 'The text is empty.',
  TEXT_TOO_LONG: `A text has at most ${maxTextBytes} bytes.`,
  NAME_MALFORMED: `A name has 1 to ${maxNameBytes} bytes.`,
  ATTACHMENT_MALFORMED: 'The id of the file or image is malformed.',
  TARGET_MALFORMED: 'The entry that this is about is not given.',
} as const

export type ContentReason = keyof typeof contentReasons

/** What a content is, as far as the rules need to know, or why it is refused. */
export interface ContentFacts {
  readonly kind: number
  /** What an edit or recall is about; 0 for others. */
  readonly targetSeq: number
}

type Content = NonNullable<chat.Content['content']>

/** Checks what a client wants to send, by itself. */
export function checkContent(content: Content | undefined): ContentFacts | ContentReason {
  switch (content?.$case) {
    case undefined:
      return 'CONTENT_MISSING'
    case 'text':
      return checkText(content.value.text) ?? facts(contentKind.text)
    case 'file':
      return checkFile(content.value.fileId, content.value.name) ?? facts(contentKind.file)
    case 'image':
      return checkImage(content.value.imageId, content.value.name) ?? facts(contentKind.image)
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

function checkFile(id: string, name: string): ContentReason | undefined {
  if (!attachmentId.test(id)) return 'ATTACHMENT_MALFORMED'
  return name.length === 0 ? 'NAME_MALFORMED' : checkName(name)
}

function checkImage(id: string, name: string): ContentReason | undefined {
  return attachmentId.test(id) ? checkName(name) : 'ATTACHMENT_MALFORMED'
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
