import type { Scheduler, Timer } from '@parley/service-kit'
import { profileMessage } from '../commands/profile-message.ts'
import { bytesKey } from '../domain/bytes.ts'
import type { PresenceLink } from '../presence/presence-link.ts'
import { framed } from '../session/frames.ts'
import type { Session } from '../session/session.ts'
import type { Journal } from '../store/journal.ts'
import type { Hub } from './hub.ts'

/** A change of a profile is told at most so often. */
const tellEveryMs = 1_000
/** The most profiles that are being read; the others wait for a later round. */
export const profilesPerRound = 50
/** The most that wait; of one more nobody hears until they look. */
export const maxWaitingProfiles = 10_000

/** What telling needs. */
export interface ProfileNewsParts {
  readonly hub: Pick<Hub, 'sessionsOf'>
  readonly presence: Pick<PresenceLink, 'followed'>
  readonly journal: Pick<Journal, 'ask'>
  readonly scheduler: Scheduler
}

/** Tells those who follow a user, and the user's own devices, of another profile or picture. */
export class ProfileNews {
  readonly #parts: ProfileNewsParts
  readonly #tick: Timer
  readonly #changed = new Set<number>()
  /** Whose profile is being read: a second answer could come before the first, which is then told last. */
  readonly #asking = new Set<number>()

  constructor(parts: ProfileNewsParts) {
    this.#parts = parts
    this.#tick = parts.scheduler.every(tellEveryMs, () => this.#round())
  }

  /** Others read another profile of the user. */
  changed(user: number): void {
    const isWanted = this.#audienceOf(user) !== undefined
    if (isWanted && this.#changed.size < maxWaitingProfiles) this.#changed.add(user)
  }

  close(): void {
    this.#tick.cancel()
  }

  #round(): void {
    const free = profilesPerRound - this.#asking.size
    const waiting = [...this.#changed].filter((user) => !this.#asking.has(user))
    for (const user of waiting.slice(0, free)) {
      this.#changed.delete(user)
      void this.#ask(user)
    }
  }

  async #ask(user: number): Promise<void> {
    this.#asking.add(user)
    try {
      await this.#tell(user)
    } catch {
      // What cannot be read now is read in a later round.
      this.changed(user)
    } finally {
      this.#asking.delete(user)
    }
  }

  async #tell(user: number): Promise<void> {
    const asked = this.#audienceOf(user)
    if (asked === undefined) return
    const found = await this.#parts.journal.ask('profileOf', { userId: asked.userId })
    // Whoever may not see the user any more since then is told nothing.
    const audience = this.#audienceOf(user)
    if (found === undefined || audience === undefined) return
    const event = framed({ $case: 'profileChanged', value: { profile: profileMessage(found) } })
    const key = `profile/${bytesKey(audience.userId)}`
    for (const session of audience.sessions) session.mention(key, event)
  }

  #audienceOf(user: number) {
    const { hub, presence } = this.#parts
    const own = [...hub.sessionsOf(user)].filter(({ isTransient }) => !isTransient)
    const followed = presence.followed(user)
    const userId = followed?.userId ?? own[0]?.identity.userId
    const sessions = new Set<Session>([...own, ...(followed?.sessions ?? [])])
    return userId === undefined ? undefined : { userId, sessions }
  }
}
