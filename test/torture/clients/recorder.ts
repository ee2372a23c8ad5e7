import type { HistoryEvent, Who } from '@parley/history'

/** What happened, without who and when. */
export type Happening = HistoryEvent extends infer Event
  ? Event extends HistoryEvent
    ? Omit<Event, keyof Who>
    : never
  : never

/** Who notes something; what is left out is empty. */
export type Noter = Partial<Omit<Who, 't'>>

/** The history of one round, in the order of what happened in this process. */
export class Recorder {
  readonly events: HistoryEvent[] = []
  /** Different messages accepted so far. */
  accepted = 0
  readonly #accepted = new Set<string>()
  readonly #onAccepted = new Set<() => void>()

  note(noter: Noter, happening: Happening): void {
    const who = { t: performance.now(), client: '', user: '', device: '', session: '', ...noter }
    this.events.push({ ...who, ...happening })
    if (happening.f !== 'send' || happening.op !== 'ok') return
    const key = `${who.user} ${happening.id}`
    if (this.#accepted.has(key)) return
    this.#accepted.add(key)
    this.accepted += 1
    for (const listener of this.#onAccepted) listener()
  }

  /** Calls back with each first acceptance, at once; answers how to stop that. */
  onAccepted(listener: () => void): () => void {
    this.#onAccepted.add(listener)
    return () => void this.#onAccepted.delete(listener)
  }
}
