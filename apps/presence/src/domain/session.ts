import type { Availability } from './availability.ts'

/** What one start of one relay has reported, valid as long as the relay is heard of. */
export interface Lease {
  readonly relay: string
  readonly bootId: string
  readonly sessions: Set<Session>
  /** Earlier starts of the relay, the latest first: they do not come back. */
  readonly formerBoots: readonly string[]
  /** When the relay last reported. */
  heardAtMs: number
  /** A newer boot of the relay has taken over: nothing of this one is renewed any more. */
  retired: boolean
}

/** One device of one user, connected to one relay. */
export interface Session {
  readonly user: User
  readonly deviceId: string
  readonly lease: Lease
  state: Availability
  /** When it ends unless it is reported again; undefined while it is connected. */
  endsAtMs: number | undefined
}

/** A user with sessions, or whose last change has not been told yet. */
export interface User {
  readonly id: string
  readonly shard: number
  readonly sessions: Session[]
  /** What watchers were told last. */
  shown: Availability
  /** Wall clock of when they were told. */
  sinceMs: number
}

/** True for a session that will end by itself: its connection dropped, or its relay was restarted. */
export function isLeaving(session: Session): boolean {
  return session.endsAtMs !== undefined || session.lease.retired
}
