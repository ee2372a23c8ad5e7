import type { Session } from './session.ts'

// Endings are found that much late at most.
const stepMs = 100

/** Sessions that end at a known time unless reported again, found without looking at all others. */
export class Endings {
  readonly #steps = new Map<number, Set<Session>>()
  readonly #step = new Map<Session, number>()

  /** Sessions that wait for their end. */
  get size(): number {
    return this.#step.size
  }

  /** The session ends at that time; replaces what was said before. */
  set(session: Session, atMs: number): void {
    this.clear(session)
    session.endsAtMs = atMs
    const step = Math.ceil(atMs / stepMs)
    const sameStep = this.#steps.get(step) ?? new Set()
    this.#steps.set(step, sameStep.add(session))
    this.#step.set(session, step)
  }

  /** The session has no end in sight; harmless when it had none. */
  clear(session: Session): void {
    session.endsAtMs = undefined
    const step = this.#step.get(session)
    if (step === undefined) return
    this.#step.delete(session)
    const sameStep = this.#steps.get(step)
    sameStep?.delete(session)
    if (sameStep?.size === 0) this.#steps.delete(step)
  }

  /** The sessions whose end has come; they are no longer held here. */
  take(nowMs: number): Session[] {
    // Few: every end lies within one grace of now.
    const due = [...this.#steps].filter(([step]) => step * stepMs <= nowMs)
    const sessions = due.flatMap(([, sameStep]) => [...sameStep])
    for (const [step] of due) this.#steps.delete(step)
    for (const session of sessions) this.#step.delete(session)
    return sessions
  }
}
