import { AppError } from '@parley/errors'

const idBytes = 16
// C0, DEL, C1, line and paragraph separators, and format characters (bidi controls, zero widths, tags)
// but for the two joiners, which emoji and some scripts need.
const control = /[\p{Cc}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/u

/** The 16 bytes of an id, of its own memory; throws `AppError` invalid ID_MALFORMED. */
export function idOf(bytes: Uint8Array, field: string): Uint8Array {
  if (bytes.length === idBytes) return Uint8Array.from(bytes)
  throw invalid('ID_MALFORMED', `${field} must have ${idBytes} bytes`)
}

/** As `idOf`, or undefined for an empty field. */
export function optionalId(bytes: Uint8Array, field: string): Uint8Array | undefined {
  return bytes.length === 0 ? undefined : idOf(bytes, field)
}

/** Distinct ids, so many at most; throws `AppError` invalid TOO_MANY. */
export function idsOf(all: readonly Uint8Array[], most: number, field: string): Uint8Array[] {
  if (all.length > most) throw invalid('TOO_MANY', `${field} can hold ${most} at most`)
  const distinct = new Map(
    all.map((bytes) => [Buffer.from(bytes).toString('hex'), idOf(bytes, field)]),
  )
  return [...distinct.values()]
}

/** How a text may be. */
export interface TextBounds {
  readonly field: string
  /** In UTF-8. */
  readonly maxBytes: number
  /** At least one visible character. */
  readonly filled?: boolean
}

/** One line of text within its bounds; throws `AppError` invalid TEXT_ with what is wrong. */
export function lineOf(text: string, { field, maxBytes, filled = false }: TextBounds): string {
  if (Buffer.byteLength(text) > maxBytes) {
    throw invalid('TEXT_TOO_LONG', `${field} can have ${maxBytes} bytes at most`)
  }
  if (control.test(text)) {
    throw invalid('TEXT_CONTROLS', `${field} cannot have control characters`)
  }
  if (filled && text.trim() === '') throw invalid('TEXT_EMPTY', `${field} cannot be empty`)
  return text
}

/** Several lines of text within their bounds. */
export function linesOf(text: string, bounds: TextBounds): string {
  lineOf(text.replace(/\r?\n|\t/g, ' '), bounds)
  return text
}

/** The size of a page: 0 is the default; throws `AppError` invalid LIMIT_OUT_OF_RANGE. */
export function limitOf(limit: number, most: number, usual: number): number {
  if (limit === 0) return usual
  if (limit >= 1 && limit <= most) return limit
  throw invalid('LIMIT_OUT_OF_RANGE', `a limit is 1 to ${most}`)
}

/** A whole number within bounds; throws `AppError` invalid NUMBER_OUT_OF_RANGE. */
export function numberOf(value: number, field: string, min: number, max: number): number {
  if (value >= min && value <= max) return value
  throw invalid('NUMBER_OUT_OF_RANGE', `${field} is ${min} to ${max}`)
}

/** What a caller got wrong. */
export function invalid(reason: string, message: string): AppError {
  return new AppError('invalid', reason, message)
}
