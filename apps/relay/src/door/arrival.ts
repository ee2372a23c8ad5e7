import { isLoopback } from '@parley/service-kit'
import type { Dialect } from './dialect.ts'

/** How a connection has come to the door. */
export interface Arrival {
  readonly inTls: boolean
  readonly overLoopback: boolean
}

/** What an operator has allowed or offered. */
export interface Permissions {
  readonly allowPlaintext: boolean
  readonly hasTls: boolean
}

interface Peer {
  readonly remoteAddress?: string | undefined
}

/** How this connection has come. */
export function arrivalOf(peer: Peer, inTls: boolean): Arrival {
  return { inTls, overLoopback: isLoopback(peer.remoteAddress ?? '') }
}

/**
 * Whether a dialect may be spoken by who has come so. Where TLS can be had, nothing else crosses a
 * network; what carries passwords in clear never does, unless the operator said so in words.
 */
export function mayServe(
  dialect: Pick<Dialect, 'clearPasswords'>,
  { inTls, overLoopback }: Arrival,
  { allowPlaintext, hasTls }: Permissions,
): boolean {
  if (inTls || overLoopback || allowPlaintext) return true
  return !hasTls && dialect.clearPasswords !== true
}
