import type { Scheduler } from '@parley/service-kit'
import type { Hub } from '../hub/hub.ts'
import { isAway } from '../session/is-away.ts'
import type { Session } from '../session/session.ts'
import { deviceLease } from '../store/chore-rows.ts'
import type { CommitQueue } from '../store/commit-queue.ts'
import type { Journal, Outcome } from '../store/journal.ts'

/** A hello waits at most so long for its turn; it comes all the same. */
const turnWithinMs = 1_000
/** While the store is away it is told and asked again so much later whose turn it is. */
const askAgainMs = 1_000

/** What turns need. */
export interface TurnsParts {
  readonly hub: Hub
  readonly journal: Pick<Journal, 'ask'>
  readonly scheduler: Scheduler
  commits(): Pick<CommitQueue, 'push'>
  /** Tells the other relays that a session has come. */
  tell(session: Session): void
  failed(session: Session, error: unknown): void
}

/** A session whose turn is on its way to the store. */
interface Coming {
  stored: Promise<void>
  /** The device was heard of at another relay. */
  isElsewhere: boolean
}

/**
 * Which session of a device is the newest one, in the order in which the store has seen them come: the
 * clocks of relays may differ, and news of sessions may be late.
 */
export class Turns {
  readonly #parts: TurnsParts
  readonly #coming = new Map<Session, Coming>()

  constructor(parts: TurnsParts) {
    this.#parts = parts
  }

  /** It is the turn of this session; resolves when the store knows it, or is too slow. */
  async take(session: Session): Promise<void> {
    const coming: Coming = { stored: Promise.resolve(), isElsewhere: false }
    this.#coming.set(session, coming)
    coming.stored = this.#storeSurely(session, coming).finally(() => this.#coming.delete(session))
    let isLate = false
    await new Promise<void>((resolve) => {
      const timer = this.#parts.scheduler.setTimer(turnWithinMs, () => {
        isLate = true
        resolve()
      })
      void coming.stored.then(() => {
        timer.cancel()
        // The others were told before the store knew, and may have asked it too early.
        if (isLate) this.#parts.tell(session)
        resolve()
      })
    })
  }

  /** A session of this device has come to another relay: the one here ends unless it came later. */
  heard(user: number, device: number): void {
    for (const session of this.#parts.hub.sessionsOf(user)) {
      if (session.isTransient || session.identity.device !== device) continue
      const coming = this.#coming.get(session)
      if (coming !== undefined) coming.isElsewhere = true
      void this.#judge(session)
    }
  }

  async #judge(session: Session): Promise<void> {
    await this.#coming.get(session)?.stored
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

  /** Until the store knows it, unless the device may have gone on to another relay by then. */
  async #storeSurely(session: Session, coming: Coming): Promise<void> {
    while (!(await this.#store(session))) {
      await new Promise<void>((resolve) => {
        this.#parts.scheduler.setTimer(askAgainMs, resolve)
      })
      if (session.isOver || coming.isElsewhere) return
    }
  }

  /** False when its fate is not known. */
  #store(session: Session): Promise<boolean> {
    const name = deviceLease(session.identity.device)
    const input = { name, holder: holderOf(session), forMs: alwaysOver }
    return new Promise((resolve) => {
      const settled = (outcome: Outcome | undefined) => resolve(outcome !== undefined)
      this.#parts.commits().push({ name: 'takeLease', input }, { settled })
    })
  }
}

// It is noted who took it last; it never keeps the next one out, wherever the clock of the store goes.
const alwaysOver = -1e12

function holderOf({ id }: Session): string {
  return Buffer.from(id).toString('hex')
}
