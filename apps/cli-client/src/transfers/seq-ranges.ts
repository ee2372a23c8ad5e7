import { InvalidArgumentError } from 'commander'
import { wholeNumber } from '../options.ts'

/** Numbers of entries, both ends included. */
export interface SeqRange {
  readonly from: number
  readonly to: number
}

const maxRanges = 1_000

/** Adds `12` or `3-9` to the ranges so far; commander refuses anything else as wrong usage. */
export function addRange(text: string, before: readonly SeqRange[] = []): SeqRange[] {
  const [first = '', second = first, ...rest] = text.split('-')
  const range = { from: wholeNumber(first), to: wholeNumber(second) }
  if (rest.length > 0 || range.to < range.from) {
    throw new InvalidArgumentError('It must be a number, or a range such as 3-9.')
  }
  if (before.length >= maxRanges) throw new InvalidArgumentError('These are too many.')
  return [...before, range]
}
