import { maxMessageBytes } from '@parley/direct'
import { AppError } from '@parley/errors'
import { isId } from '../target.ts'

/** What two clients tell each other over a channel. */
export type LanMessage =
  | {
      readonly type: 'say'
      /** UUIDv7 text, made by the sender; the same on every way that this message takes. */
      readonly messageId: string
      readonly text: string
      readonly sentAtMs: number
    }
  /** The message was shown to somebody. */
  | { readonly type: 'shown'; readonly messageId: string }

// As the relay has it.
const maxTextBytes = 16_384

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** A message as bytes; throws `AppError` (too-large, TEXT_TOO_LONG). */
export function encodeLanMessage(message: LanMessage): Buffer {
  const bytes = Buffer.from(JSON.stringify(message))
  const isTooLong = message.type === 'say' && Buffer.byteLength(message.text) > maxTextBytes
  // Controls are escaped: a text of nothing else is six times as long.
  if (!isTooLong && bytes.length <= maxMessageBytes) return bytes
  throw new AppError('too-large', 'TEXT_TOO_LONG', `a message has at most ${maxTextBytes} bytes`)
}

/** The message in these bytes; undefined for anything else. */
export function parseLanMessage(bytes: Uint8Array): LanMessage | undefined {
  if (bytes.length > maxMessageBytes) return undefined
  try {
    return messageOf(JSON.parse(utf8.decode(bytes)))
  } catch {
    return undefined
  }
}

function messageOf(value: unknown): LanMessage | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { type, messageId, text, sentAtMs } = value as Record<string, unknown>
  if (typeof messageId !== 'string' || !isId(messageId) || messageId !== messageId.toLowerCase())
    return undefined
  if (type === 'shown') return { type, messageId }
  const isSaid = type === 'say' && isText(text) && isTime(sentAtMs)
  return isSaid ? { type, messageId, text, sentAtMs } : undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= maxTextBytes
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
