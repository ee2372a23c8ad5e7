/** Some bytes of a whole, the end excluded. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** What a `Range` header asks for: everything, some parts, or what is not there. */
export type RangeRequest =
  | { readonly kind: 'whole' }
  | { readonly kind: 'parts'; readonly ranges: readonly ByteRange[] }
  | { readonly kind: 'unsatisfiable' }

const maxRanges = 8
const maxHeaderChars = 512
const whole: RangeRequest = { kind: 'whole' }
const specShape = /^(\d{1,16})-(\d{0,16})$|^-(\d{1,16})$/

/**
 * Reads a `Range` header (RFC 9110, 14.2). One that is malformed, overlaps itself or has more than
 * eight ranges counts as none: the answer is the whole, as the standard allows.
 */
export function parseRange(header: string | undefined, sizeBytes: number): RangeRequest {
  if (header === undefined || header.length > maxHeaderChars) return whole
  const list = /^bytes=(.+)$/.exec(header)?.[1]
  if (list === undefined) return whole
  const specs = list.split(',').map((spec) => parseSpec(spec.trim(), sizeBytes))
  if (specs.length > maxRanges || specs.includes('malformed')) return whole
  const ranges = specs.filter((spec) => typeof spec === 'object')
  if (ranges.length === 0) return { kind: 'unsatisfiable' }
  return overlap(ranges) ? whole : { kind: 'parts', ranges }
}

function parseSpec(spec: string, sizeBytes: number): ByteRange | 'malformed' | 'nothing' {
  const match = specShape.exec(spec)
  if (!match) return 'malformed'
  const [, first, last, suffix] = match
  if (suffix !== undefined) {
    const start = Math.max(0, sizeBytes - Number(suffix))
    return start < sizeBytes ? { start, end: sizeBytes } : 'nothing'
  }
  const start = Number(first)
  const end = last ? Number(last) + 1 : sizeBytes
  if (last && end <= start) return 'malformed'
  return start < sizeBytes ? { start, end: Math.min(end, sizeBytes) } : 'nothing'
}

function overlap(ranges: readonly ByteRange[]): boolean {
  const sorted = ranges.toSorted((a, b) => a.start - b.start)
  return sorted.some((range, index) => range.start < (sorted[index - 1]?.end ?? 0))
}
