import type { ServedType } from './variant.ts'

interface Range {
  /** Lower case, such as `image/*`. */
  readonly type: string
  readonly weight: number
}

/**
 * The offered types that an `Accept` header takes, best first; equals stay in the order offered
 * (RFC 9110, 12.5.1). Empty when it takes none of them.
 */
export function acceptable(
  accept: string | undefined,
  offered: readonly ServedType[],
): readonly ServedType[] {
  if (accept === undefined || accept.trim() === '') return offered
  const ranges = accept.split(',').map(rangeOf)
  return offered
    .map((type) => ({ type, weight: weightOf(type, ranges) }))
    .filter(({ weight }) => weight > 0)
    .toSorted((one, other) => other.weight - one.weight)
    .map(({ type }) => type)
}

function rangeOf(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const weight = parameters.find((one) => one.startsWith('q='))?.slice(2)
  return { type, weight: weight === undefined ? 1 : weightFrom(weight) }
}

// A weight that is none takes nothing: guessing would send what somebody may have refused.
function weightFrom(text: string): number {
  return /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(text) ? Number(text) : 0
}

// The most specific range decides, wherever it stands.
function weightOf(type: ServedType, ranges: readonly Range[]): number {
  const names = [type, 'image/*', '*/*']
  for (const name of names) {
    const found = ranges.find((range) => range.type === name)
    if (found) return found.weight
  }
  return 0
}
