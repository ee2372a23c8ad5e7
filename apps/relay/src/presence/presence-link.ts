import type { Session } from '../session/session.ts'
import type { Watched } from './watch-book.ts'

/** How available somebody is; numbers as in parley.chat.v1.Availability. */
interface KnownState {
  readonly userId: Uint8Array
  readonly availability: number
}

/** States of users, and when they were so; `asOfMs` is 0 when presence cannot be asked. */
export interface KnownStates {
  readonly asOfMs: number
  readonly users: readonly KnownState[]
}

/** The relay's way to presence: it reports its sessions, and follows whom they watch. */
export interface PresenceLink {
  /** A lasting session has come. */
  came(session: Session): void
  /** A lasting session has gone; `clean` when it said so itself. */
  went(session: Session, clean: boolean): void
  /** The device of a session says how available it is (3 away, 4 busy, 5 online). */
  setAvailability(session: Session, availability: number): void
  /**
   * Replaces whom a session follows. Tells the session Watching, the present states, and every later
   * change; `unknown` while presence cannot be asked. Only contacts and co-members are followed.
   */
  watch(session: Session, userIds: readonly Uint8Array[], contacts: boolean): Promise<void>
  /** Whom this user may see, or who may see them, has changed: lists are looked at again. */
  visibilityChanged(user: number): void
  /** A user whom sessions here follow, and may. */
  followed(user: number): Pick<Watched, 'userId' | 'sessions'> | undefined
  /** Users whom sessions here follow. */
  watched(): readonly number[]
  /** States of these users now. */
  statesOf(userIds: readonly Uint8Array[]): Promise<KnownStates>
}
