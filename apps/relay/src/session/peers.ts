import type { DirectWord, Position, Typing } from '../domain/signals.ts'
import type { Followed } from '../hub/hub.ts'
import type { Effects } from '../store/journal.ts'
import type { Session } from './session.ts'

/** The other relays on the same store, as the parts of this one see them. */
export interface Peers {
  /** Resolves when what is said to the sessions here is heard here, or after 200 ms. */
  ready(): Promise<void>
  /** Sessions have begun to follow these conversations. */
  entered(conversations: Iterable<number>): void
  /** It is the turn of a lasting session of its device; resolves when the store knows, or after a second. */
  takeTurn(session: Session): Promise<void>
  /** The session is welcomed: older ones of its device, at other relays, are to end. */
  welcomed(session: Session): void
  /** A lasting session has come or gone. */
  sessionCame(session: Session): void
  sessionWent(session: Session): void
  /** The first session here follows a conversation, or the last one follows it no more. */
  audienceCame(followed: Followed): void
  audienceWent(followed: Followed): void
  /** A command is committed, and the sessions here know. */
  committed(effects: Effects): void
  /** A command was committed before, by whoever: its entry may not have been told to anybody. */
  repeated(conversation: number, seq: number): void
  /** Nobody knows what became of commands of this relay: some may be stored, and untold. */
  unresolved(): void
  /** Somebody here has come further; false when another device of the user was further already. */
  position(position: Position): boolean
  /** There are new readers in a group whose readers are counted. */
  readersMoved(conversation: number): void
  /** Somebody here writes, or has stopped. */
  typing(typing: Typing): void
  /** A device here has said something about a path without servers. */
  direct(word: DirectWord): void
}
