import type { chat } from '@parley/proto'
import type { Ended } from '../session/stream.ts'
import type { PlainFile } from './plain-files.ts'

/** Something to show, in words: what a client of names and lines can be told. */
export interface PlainMessage {
  /** A name; in a group `ann#title`, which takes an answer to the group. `Server` says what nobody said. */
  readonly sender: string
  /** The user's own name, or `#title`. */
  readonly getter: string
  /** Harmless to show, and longer than one line perhaps. */
  readonly text: string
  readonly sentAtMs: number
  /** What the words are made of, and where it lies. */
  readonly entry: chat.Entry
  readonly conversationId: Uint8Array
  readonly seq: number
}

/** The client's side of a plain session: what a dialect makes of one connection. */
export interface PlainClient {
  /**
   * Writes a message and says how many bytes that were; calls `taken` when the connection has taken
   * them. Then they count as delivered: a plain client says nothing itself.
   */
  show(message: PlainMessage, taken: () => void): number
  /** The session is over; undefined when the client has left. Nothing is shown after it. */
  ended(why: Ended | undefined): void
  /** Stops and goes on reading from the client. */
  pause(): void
  resume(): void
}

/** A logged-in user on one connection, in names and words. */
export interface PlainSession {
  readonly userName: string
  /** From now on messages are shown, those first that were missed. */
  start(): void
  /**
   * Sends a text to a person by name or to a group as `#title`; resolves when it is on disk. Throws
   * `AppError` with the reason of a refusal. Texts are sent one after the other, in the order of the calls.
   * What may be read in several ways goes to the first that is a group of the user's, else to the first.
   */
  say(to: string | readonly string[], text: string): Promise<void>
  /**
   * Stores a file and sends it as `say` does a text. What is said while it is being stored comes before it: who
   * wants an order waits.
   */
  sendFile(to: string | readonly string[], file: PlainFile): Promise<void>
  /** Who is online and may be seen, the user included, by name. */
  online(): Promise<readonly string[]>
  /** The groups of the user as they are addressed. */
  groups(): readonly string[]
  /** The client has said that it leaves. */
  leave(): void
  /** The connection is gone. */
  cut(): void
}

/** What plain clients say of themselves when they come. */
export interface PlainLogin {
  readonly name: string
  readonly password: string
  /** Of the peer, with its port, for limits. */
  readonly address: string
  readonly dialect: 'text' | 'java'
}

/** Where plain clients log in. */
export interface PlainDoor {
  /** Throws `AppError` for who may not come in. */
  login(asked: PlainLogin, client: PlainClient): Promise<PlainSession>
}
