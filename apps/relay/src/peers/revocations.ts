import type { Scheduler, Timer } from '@parley/service-kit'
import { bytesKey } from '../domain/bytes.ts'
import type { Hub } from '../hub/hub.ts'
import type { Journal } from '../store/journal.ts'
import { noEffects } from '../store/journal.ts'
import { perQuestion } from './heads-check.ts'

/** How often it is looked whether the logins of all streams live: an ended one is out within a second. */
const lookEveryMs = 700

/** What looking needs. */
export interface RevocationsParts {
  readonly hub: Hub
  readonly journal: Pick<Journal, 'ask'>
  readonly scheduler: Scheduler
}

/**
 * Ends streams whose logins have ended at another relay, whatever becomes of the news of it. It asks
 * for the logins that are here rather than for those that ended lately: clocks may differ, and step.
 */
export class Revocations {
  readonly #parts: RevocationsParts
  readonly #tick: Timer
  #looking = false

  constructor(parts: RevocationsParts) {
    this.#parts = parts
    this.#tick = parts.scheduler.every(lookEveryMs, () => {
      if (!this.#looking) void this.#look()
    })
  }

  close(): void {
    this.#tick.cancel()
  }

  async #look(): Promise<void> {
    this.#looking = true
    const { hub, journal } = this.#parts
    const logins = new Map<string, { readonly user: number; readonly login: Uint8Array }>()
    for (const { identity } of hub.sessions) logins.set(bytesKey(identity.login), identity)
    const all = [...logins.values()]
    for (let at = 0; at < all.length; at += perQuestion) {
      const loginIds = all.slice(at, at + perQuestion).map(({ login }) => login)
      // While the store is away nobody can be asked; the next look is soon.
      const ends = await journal.ask('loginEnds', { loginIds }).catch(() => [])
      const ended = ends.map(({ loginId, why }) => {
        return { user: logins.get(bytesKey(loginId))?.user ?? 0, login: loginId, why }
      })
      if (ended.length > 0) hub.apply({ ...noEffects, ended }, undefined)
    }
    this.#looking = false
  }
}
