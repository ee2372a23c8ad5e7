import type { Socket } from 'node:net'

/** Whether a connection that begins with these bytes speaks a dialect; `more`: it is too early to tell. */
export type Recognition = 'yes' | 'no' | 'more'

/** One way of speaking to a relay: a folder of `dialects/`, told from others by the first bytes. */
export interface Dialect {
  /** As somebody is told who speaks none. */
  readonly name: string
  /** Passwords cross it as they are: it is served only where nobody listens on the way. */
  readonly clearPasswords?: boolean
  recognises(head: Buffer): Recognition
  /** Serves a connection; its first bytes are still to be read. */
  take(socket: Socket): void
  /** Begins nothing new; what is left after `limitMs` may be cut off. */
  drain(limitMs: number): void
  /** Lets go of everything. */
  close(): void
}
