import type { Dialect, Recognition } from './dialect.ts'

/** So many bytes tell all dialects apart. */
const maxHeadBytes = 64

/** What the first bytes of a connection say: a dialect, nothing yet, or nothing that is spoken here. */
export function dialectOf<D extends Pick<Dialect, 'recognises'>>(
  dialects: readonly D[],
  head: Buffer,
): D | Exclude<Recognition, 'yes'> {
  let undecided = false
  for (const dialect of dialects) {
    const answer = dialect.recognises(head)
    if (answer === 'yes') return dialect
    undecided ||= answer === 'more'
  }
  return undecided && head.length < maxHeadBytes ? 'more' : 'no'
}

/** Whether `head` begins with `opening`, as far as it goes. */
export function startsWith(head: Buffer, opening: Buffer): Recognition {
  const length = Math.min(head.length, opening.length)
  if (head.compare(opening, 0, length, 0, length) !== 0) return 'no'
  return length === opening.length ? 'yes' : 'more'
}

/** The same for several openings, each as good as the others. */
export function startsWithOne(head: Buffer, openings: readonly Buffer[]): Recognition {
  const answers = openings.map((opening) => startsWith(head, opening))
  if (answers.includes('yes')) return 'yes'
  return answers.includes('more') ? 'more' : 'no'
}
