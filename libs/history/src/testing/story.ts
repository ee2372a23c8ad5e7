import { breaches } from '../check.ts'
import type { HistoryEvent, SeenEntry } from '../events.ts'
import { lines } from './lines.ts'
import type { Line } from './lines.ts'

/** A message of a hand-written story: its id is its words. */
export interface Words {
  readonly by?: string
  readonly kind?: string
  readonly target?: number
  readonly body?: string
}

/** An attempt to send `id` to conversation `c`. */
export const tries = (id: string, { by = 'ann', kind = 'text', ...rest }: Words = {}): Line => ({
  ...teller(by),
  op: 'invoke',
  f: 'send',
  id,
  to: 'c',
  kind,
  body: id,
  ...rest,
})

/** It was accepted as number `seq`. */
export const accepted = (id: string, seq: number, by = 'ann', conversation = 'c'): Line => ({
  ...teller(by),
  op: 'ok',
  f: 'send',
  id,
  conversation,
  seq,
  duplicate: false,
})

/** It was refused. */
export const refused = (id: string, reason = 'NOT_A_MEMBER', by = 'ann'): Line => ({
  ...teller(by),
  op: 'fail',
  f: 'send',
  id,
  reason,
})

/** Its outcome is not known. */
export const unknown = (id: string, why = 'unresolved', by = 'ann'): Line => ({
  ...teller(by),
  op: 'info',
  f: 'send',
  id,
  why,
})

/** An entry of conversation `c`. */
export const entry = (
  id: string,
  { by = 'ann', kind = 'text', ...rest }: Words = {},
): SeenEntry => ({
  sender: by,
  id,
  kind,
  body: id,
  ...rest,
})

/** What is stored in the end, from number 1 on. */
export const stored = (...entries: SeenEntry[]): Line[] => [
  { op: 'info', f: 'conversation', conversation: 'c', kind: 'direct', members: ['ann', 'bob'] },
  { op: 'ok', f: 'log', conversation: 'c', first: 1, entries },
]

/** Somebody opens a stream, with what is stored of `c`. */
export const connects = (by: string, level?: number, stream = 1): Line => ({
  ...teller(by, stream),
  op: 'invoke',
  f: 'connect',
  transient: false,
  cursors: level === undefined ? {} : { c: level },
})

/** Everything that was there has been told. */
export const caughtUp = (by: string, stream = 1): Line => ({
  ...teller(by, stream),
  op: 'ok',
  f: 'caught-up',
})

/** Entries of `c` from `first` on are told. */
export const told = (by: string, first: number, entries: SeenEntry[], stream = 1): Line => ({
  ...teller(by, stream),
  op: 'ok',
  f: 'entries',
  conversation: 'c',
  first,
  entries,
})

/** A phase of the run begins. */
export const phase = (name: 'heal' | 'end', t: number): Line => ({
  op: 'info',
  f: 'phase',
  phase: name,
  t,
})

/** The same at another time. */
export const at = (t: number, line: Line): Line => ({ ...line, t })

/** A history of these lines and what it breaks, by name of the invariant. */
export function broken(...story: readonly (Line | readonly Line[])[]): Record<string, string[]> {
  const events: HistoryEvent[] = lines(...story.flat())
  const found: Record<string, string[]> = {}
  for (const { invariant, line } of breaches(events)) (found[invariant] ??= []).push(line)
  return found
}

function teller(by: string, stream = 1) {
  const device = `${by}-1`
  return { client: device, user: by, device, session: `${device}/${stream}` }
}
