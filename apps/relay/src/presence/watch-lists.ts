import type { Scheduler, Timer } from '@parley/service-kit'
import { framed } from '../session/frames.ts'
import type { Session } from '../session/session.ts'
import type { Journal } from '../store/journal.ts'
import { maxWatched } from '../store/queries/visible-users.ts'
import { tellStates, tellUnknown } from './follower.ts'
import type { Follower } from './follower.ts'
import type { Watched, WatchBook } from './watch-book.ts'

/** Changes of who may see whom are gathered for so long. */
const gatherMs = 200

/** What a session has asked to follow. */
interface Asked {
  readonly userIds: readonly Uint8Array[]
  readonly contacts: boolean
}

/** Whom sessions have asked to follow, and whom of these they may see as it is now. */
export class WatchLists {
  readonly #journal: Pick<Journal, 'ask'>
  readonly #book: WatchBook
  readonly #follower: Follower
  readonly #asked = new Map<Session, Asked>()
  readonly #askedBy = new Map<number, Set<Session>>()
  readonly #doubtful = new Set<Session>()
  readonly #tick: Timer

  constructor(
    journal: Pick<Journal, 'ask'>,
    book: WatchBook,
    follower: Follower,
    scheduler: Scheduler,
  ) {
    this.#journal = journal
    this.#book = book
    this.#follower = follower
    this.#tick = scheduler.every(gatherMs, () => this.#lookAgain())
  }

  /** Replaces what a session asks for, and tells it the states of those it may see. */
  async watch(session: Session, userIds: readonly Uint8Array[], contacts: boolean): Promise<void> {
    const wanted = userIds.filter((id) => id.length === 16).slice(0, maxWatched)
    const { user } = session.identity
    this.#asked.set(session, { userIds: wanted, contacts })
    this.#askedBy.set(user, (this.#askedBy.get(user) ?? new Set()).add(session))
    await this.#adjust(session)
    session.tell(watching(this.#book.of(session).size))
    tellStates(session, this.#book.of(session))
  }

  /** Whom this user may see, or who may see them, has changed. */
  visibilityChanged(user: number): void {
    for (const session of this.#askedBy.get(user) ?? []) this.#doubtful.add(session)
    for (const session of this.#book.followersOf(user)) this.#doubtful.add(session)
  }

  /** A session follows nobody any more. */
  drop(session: Session): void {
    this.#asked.delete(session)
    const { user } = session.identity
    const sameUser = this.#askedBy.get(user)
    sameUser?.delete(session)
    if (sameUser?.size === 0) this.#askedBy.delete(user)
    this.#doubtful.delete(session)
    this.#book.drop(session)
    this.#follower.adjust()
  }

  close(): void {
    this.#tick.cancel()
  }

  #lookAgain(): void {
    const sessions = [...this.#doubtful]
    this.#doubtful.clear()
    for (const session of sessions) {
      // What cannot be asked now is doubtful still.
      this.#revisit(session).catch(() => this.#doubtful.add(session))
    }
  }

  async #revisit(session: Session): Promise<void> {
    const before = this.#book.of(session)
    await this.#adjust(session)
    const now = this.#book.of(session)
    tellUnknown(session, without(before, now))
    tellStates(session, without(now, before))
  }

  async #adjust(session: Session): Promise<void> {
    const asked = this.#asked.get(session)
    if (asked === undefined) return
    const args = { user: session.identity.user, ...asked }
    const visible = await this.#journal.ask('visibleUsers', args)
    if (session.isOver || this.#asked.get(session) !== asked) return
    const before = this.#book.of(session)
    const now = this.#book.set(session, visible)
    this.#follower.adjust()
    await this.#follower.refresh(without(now, before))
  }
}

function without(users: ReadonlySet<Watched>, others: ReadonlySet<Watched>): Watched[] {
  return [...users].filter((user) => !others.has(user))
}

function watching(count: number) {
  return framed({ $case: 'watching', value: { count } })
}
