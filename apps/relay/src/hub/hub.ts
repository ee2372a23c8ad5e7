import { bytesKey } from '../domain/bytes.ts'
import type { Place } from '../domain/place.ts'
import { framed, framedEntries } from '../session/frames.ts'
import type { FramedEvent } from '../session/frames.ts'
import type { Session } from '../session/session.ts'
import type { Appended, Effects, EndedLogin, Stay } from '../store/journal.ts'
import { RecentHeads } from './recent-heads.ts'

/** The sessions that follow one conversation. */
interface Audience extends Followed {
  readonly sessions: Set<Session>
}

/** A conversation that is followed. */
export type Followed = Pick<Place, 'conversation' | 'publicId' | 'kind' | 'epoch'>

/** What the hub tells others. */
export interface HubEvents {
  /** A lasting session has come or gone; `clean` when it said so itself. */
  sessionCame(session: Session): void
  sessionWent(session: Session, clean: boolean): void
  /** The device has said goodbye, or may not be here any more. */
  deviceLeft(session: Session): void
  /** Whom this user may see, or who may see them, has changed. */
  visibilityChanged(user: number): void
  /** The user has more, fewer or other contacts, or has blocked somebody or not any more. */
  contactsChanged(user: number): void
  /** Others read another profile of the user. */
  profileChanged(user: number): void
  /** A login is over. */
  loginEnded(login: EndedLogin): void
  /** The first session here follows a conversation, or the last one follows it no more. */
  audienceCame(followed: Followed): void
  audienceWent(followed: Followed): void
  /** A user has a conversation anew: its sessions must load it. */
  mustLoad(session: Session, conversation: number): void
}

/** Who is here, and which conversations they follow. */
export class Hub {
  readonly #events: HubEvents
  readonly #sessions = new Set<Session>()
  readonly #byUser = new Map<number, Set<Session>>()
  readonly #byLogin = new Map<string, Set<Session>>()
  readonly #audiences = new Map<number, Audience>()
  readonly #heads = new RecentHeads()

  constructor(events: HubEvents) {
    this.#events = events
  }

  /** All sessions, transient ones included. */
  get sessions(): ReadonlySet<Session> {
    return this.#sessions
  }

  /** The sessions of a user, transient ones included. */
  sessionsOf(user: number): ReadonlySet<Session> {
    return this.#byUser.get(user) ?? new Set()
  }

  /** The sessions that follow a conversation. */
  following(conversation: number): ReadonlySet<Session> {
    return this.#audiences.get(conversation)?.sessions ?? new Set()
  }

  /** Users who have sessions here. */
  users(): number[] {
    return [...this.#byUser.keys()]
  }

  /** Conversations that sessions here follow. */
  followed(): number[] {
    return [...this.#audiences.keys()]
  }

  /** The public id of a conversation that is followed here. */
  publicIdOf(conversation: number): Uint8Array | undefined {
    return this.#audiences.get(conversation)?.publicId
  }

  /** The newest entry that the sessions of a conversation were told of; 0 when that is long ago. */
  headOf(conversation: number): number {
    return this.#heads.get(conversation)
  }

  /** Takes a session in. A lasting one replaces the lasting one of the same device. */
  add(session: Session): void {
    const { user, device, login } = session.identity
    if (!session.isTransient) {
      for (const other of this.sessionsOf(user)) {
        if (!other.isTransient && other.identity.device === device) this.#kick(other, 'REPLACED')
      }
    }
    this.#sessions.add(session)
    addTo(this.#byUser, user, session)
    addTo(this.#byLogin, bytesKey(login), session)
    if (!session.isTransient) this.#events.sessionCame(session)
  }

  /** Lets a session go. */
  remove(session: Session, clean: boolean, isReplaced = false): void {
    if (!this.#sessions.delete(session)) return
    const { user, login } = session.identity
    removeFrom(this.#byUser, user, session)
    removeFrom(this.#byLogin, bytesKey(login), session)
    for (const conversation of session.places.keys()) this.unfollow(session, conversation)
    if (clean && !isReplaced) this.#events.deviceLeft(session)
    if (!session.isTransient) this.#events.sessionWent(session, clean)
  }

  /** From now on the session hears of the conversation's entries; returns its newest known one. */
  follow(session: Session, place: Followed): number {
    const { conversation, publicId, kind, epoch } = place
    const audience = this.#audiences.get(conversation)
    if (audience !== undefined) audience.sessions.add(session)
    else {
      const sessions = new Set([session])
      this.#audiences.set(conversation, { conversation, publicId, kind, epoch, sessions })
      this.#events.audienceCame(place)
    }
    return this.#heads.get(conversation)
  }

  /** The session hears of the conversation no more. */
  unfollow(session: Session, conversation: number): void {
    const audience = this.#audiences.get(conversation)
    if (audience?.sessions.delete(session) !== true || audience.sessions.size > 0) return
    this.#audiences.delete(conversation)
    this.#events.audienceWent(audience)
  }

  /** A log is at least so long, as its database or another relay says. */
  heard(conversation: number, head: number): void {
    this.#heads.set(conversation, head)
    for (const session of this.following(conversation)) session.heard(conversation, head)
  }

  /** A newer session of the same device is at another relay. */
  replaced(session: Session): void {
    if (!session.isOver) this.#kick(session, 'REPLACED')
  }

  /** Tells what a committed command has changed; `origin` knows of its own entries already. */
  apply(effects: Effects, origin: Session | undefined): void {
    // A stay ends with its last entry, whatever the same command has written after it.
    for (const stay of effects.stays) if (stay.leftSeq !== 0) this.#end(stay)
    for (const entry of effects.entries) this.#deliver(entry, origin)
    for (const stay of effects.stays) this.#move(stay)
    for (const login of effects.ended) this.#endLogin(login)
    for (const user of effects.contacts) {
      this.#events.visibilityChanged(user)
      this.#events.contactsChanged(user)
    }
    for (const user of effects.profiles) this.#events.profileChanged(user)
  }

  /**
   * Tells all sessions of a conversation but one what may be replaced by later news of the same key:
   * what the user `by` does, whom nobody hears who has blocked them.
   */
  mention(
    conversation: number,
    except: Session | undefined,
    key: string,
    event: () => FramedEvent,
    by: number | undefined = except?.identity.user,
  ): void {
    const sessions = this.following(conversation)
    let shared: FramedEvent | undefined
    for (const session of sessions) {
      if (session === except || isDeaf(session, conversation, by)) continue
      session.mention(key, (shared ??= event()))
    }
  }

  #deliver(appended: Appended, origin: Session | undefined): void {
    this.#heads.set(appended.conversation, appended.seq)
    const audience = this.#audiences.get(appended.conversation)
    if (audience === undefined) return
    // Encoded once, written to every session.
    let event: FramedEvent | undefined
    for (const session of audience.sessions) {
      if (session === origin) continue
      event ??= framedEntries(audience, appended.seq, { one: appended.entry }, undefined)
      session.deliver(appended, event)
    }
  }

  #end(stay: Stay): void {
    for (const session of this.sessionsOf(stay.user)) session.leave(stay)
  }

  #move(stay: Stay): void {
    const { conversation, user, leftSeq } = stay
    this.#events.visibilityChanged(user)
    for (const session of this.sessionsOf(user)) {
      if (session.isTransient) continue
      session.moves += 1
      if (leftSeq !== 0) this.#left(session, stay)
      else if (session.isLoaded) this.#events.mustLoad(session, conversation)
    }
  }

  #left(session: Session, { conversation, joinedSeq, leftSeq }: Stay): void {
    const stays = session.places.get(conversation)?.stays ?? []
    const isBack = stays.at(-1)?.to === Infinity
    // Another relay told of the end after the return, which is known here already.
    if (isBack && stays.some(({ from }) => from === joinedSeq)) return
    this.unfollow(session, conversation)
    session.heard(conversation, leftSeq)
    // A stay that was never heard of has ended: what is open may have ended, too.
    if (isBack && session.isLoaded) this.#events.mustLoad(session, conversation)
  }

  #endLogin(ended: EndedLogin): void {
    const { login, why } = ended
    this.#events.loginEnded(ended)
    for (const session of this.#byLogin.get(bytesKey(login)) ?? []) this.#kick(session, why)
  }

  #kick(session: Session, reason: string): void {
    session.end(framed({ $case: 'kicked', value: { reason } }))
    this.remove(session, true, reason === 'REPLACED')
  }
}

/** True for a session whose user has blocked the one who does something in a direct conversation. */
function isDeaf(session: Session, conversation: number, by: number | undefined): boolean {
  if (by === session.identity.user) return false
  return session.places.get(conversation)?.isBlocked === true
}

function addTo<Key>(map: Map<Key, Set<Session>>, key: Key, session: Session): void {
  const sessions = map.get(key)
  if (sessions === undefined) map.set(key, new Set([session]))
  else sessions.add(session)
}

function removeFrom<Key>(map: Map<Key, Set<Session>>, key: Key, session: Session): void {
  const sessions = map.get(key)
  sessions?.delete(session)
  if (sessions?.size === 0) map.delete(key)
}
