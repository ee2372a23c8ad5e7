import type { HistoryEvent, Who } from '../events.ts'

/** An event of a hand-written history: what is left out of who and when is filled in. */
export type Line = HistoryEvent extends infer Event
  ? Event extends HistoryEvent
    ? Omit<Event, keyof Who> & Partial<Who>
    : never
  : never

/** A hand-written history: one event each 10 ms unless told, by ann's only device and stream. */
export function lines(...given: readonly Line[]): HistoryEvent[] {
  return given.map((line, i) => {
    const who = { t: i * 10, client: 'ann-1', user: 'ann', device: 'ann-1', session: 'ann-1/1' }
    return { ...who, ...line }
  })
}

/** A text as it is seen. */
export function seen(sender: string, id: string, rest: { readonly replyTo?: number } = {}) {
  return { sender, id, kind: 'text', body: `words of ${id}`, ...rest }
}

/** Of whom a membership entry tells what. */
export function change(member: string, what: 'created' | 'joined' | 'left' | 'removed') {
  return { sender: 'ann', id: '', kind: 'membership', body: '', change: what, member }
}
