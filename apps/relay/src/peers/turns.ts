import type { Scheduler } from '@parley/service-kit'
import type { Hub } from '../hub/hub.ts'
import { isAway } from '../session/is-away.ts'
import type { Session } from '../session/session.ts'
import { deviceLease } from '../store/chore-rows.ts'
import type { CommitQueue } from '../store/commit-queue.ts'
import type { Journal } from '../store/journal.ts'

/** A hello waits at most so long for its turn; it comes all the same. */
const turnWithinMs = 1_000
/** While the store is away it is asked again so much later whose turn it is. */
const askAgainMs = 1_000

/** What turns need. */
export interface TurnsParts {
  readonly hub: Hub
  readonly journal: Pick<Journal, 'ask'>
  readonly scheduler: Scheduler
  commits(): Pick<CommitQueue, 'push'>
  failed(session: Session, error: unknown): void
}

/**
 * Which session of a device is the newest one, in the order in which the store has seen them come: the
 * clocks of relays may differ, and news of sessions may be late.
 */
export class Turns {
  readonly #parts: TurnsParts
  /** Sessions whose turn is on its way to the store. */
  readonly #coming = new Map<Session, Promise<void>>()

  constructor(parts: TurnsParts) {
    this.#parts = parts
  }

  /** It is the turn of this session; resolves when the store knows it, or is too slow. */
  async take(session: Session): Promise<void> {
    const stored = this.#store(session).finally(() => this.#coming.delete(session))
    this.#coming.set(session, stored)
    await new Promise<void>((resolve) => {
      const timer = this.#parts.scheduler.setTimer(turnWithinMs, resolve)
      void stored.then(() => {
        timer.cancel()
        resolve()
      })
    })
  }

  /** A session of this device has come to another relay: the one here ends unless it came later. */
  heard(user: number, device: number): void {
    for (const session of this.#parts.hub.sessionsOf(user)) {
      if (!session.isTransient && session.identity.device === device) void this.#judge(session)
    }
  }

  async #judge(session: Session): Promise<void> {
    await this.#coming.get(session)
    const { hub, journal, scheduler } = this.#parts
    try {
      const names = [deviceLease(session.identity.device)]
      const [newest] = await journal.ask('leaseHolders', { names })
      if (newest !== undefined && newest.holder !== holderOf(session)) hub.replaced(session)
    } catch (error) {
      if (!isAway(error)) {
        this.#parts.failed(session, error)
        return
      }
      scheduler.setTimer(askAgainMs, () => {
        if (!session.isOver) void this.#judge(session)
      })
    }
  }

  #store(session: Session): Promise<void> {
    const input = {
      name: deviceLease(session.identity.device),
      holder: holderOf(session),
      forMs: alwaysOver,
    }
    return new Promise((resolve) => {
      this.#parts.commits().push({ name: 'takeLease', input }, { settled: () => resolve() })
    })
  }
}

// It is noted who took it last; it never keeps the next one out, wherever the clock of the store goes.
const alwaysOver = -1e12

function holderOf({ id }: Session): string {
  return Buffer.from(id).toString('hex')
}
