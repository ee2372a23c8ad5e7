import type { Journal } from '../store/journal.ts'
import type { StandingRow } from '../store/queries/relays/standings.ts'
import { perQuestion } from './heads-check.ts'

/** Users seen for the first time who are looked at in one round; the others are in the next ones. */
export const maxFirstLooks = 1_000

/** What comparing standings needs. */
export interface StandingsParts {
  readonly journal: Pick<Journal, 'ask'>
  /** Users who are here, or followed by somebody here. */
  users(): Iterable<number>
  /** The user has other contacts or blocks than was known. */
  contactsChanged(user: number): void
  /** The user has begun or ended stays, and so may see others. */
  visibilityChanged(user: number): void
}

/**
 * Finds what another relay has changed between users, contacts, blocks and membership, when nobody
 * has told: they are in no log, and nothing else would find them.
 */
export class Standings {
  readonly #parts: StandingsParts
  readonly #known = new Map<number, StandingRow>()
  #half = 0
  #firstLooks = 0

  constructor(parts: StandingsParts) {
    this.#parts = parts
  }

  /** Compares one half of the users, the other half the next time. */
  async compare(): Promise<void> {
    const users = new Set(this.#parts.users())
    for (const user of this.#known.keys()) if (!users.has(user)) this.#known.delete(user)
    this.#half = 1 - this.#half
    this.#firstLooks = 0
    const half = [...users].filter((user) => user % 2 === this.#half)
    for (let at = 0; at < half.length; at += perQuestion) {
      const some = half.slice(at, at + perQuestion)
      // Who cannot be asked about now is compared in the next rounds.
      const rows = await this.#parts.journal.ask('standings', { users: some }).catch(() => [])
      for (const row of rows) this.#take(row)
    }
  }

  #take(now: StandingRow): void {
    const { user } = now
    const before = this.#known.get(user)
    // What was read when the user came may be older than this.
    if (before === undefined && (this.#firstLooks += 1) > maxFirstLooks) return
    this.#known.set(user, now)
    if (before?.contacts !== now.contacts) this.#parts.contactsChanged(user)
    else if (before.stays !== now.stays) this.#parts.visibilityChanged(user)
  }
}
