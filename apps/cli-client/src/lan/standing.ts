import { AppError } from '@parley/errors'
import { parseFingerprint } from '@parley/direct'
import { foldedName } from './lan-name.ts'
import { idOf } from './peers.ts'
import type { Peer } from './peers.ts'

/** Somebody whose key was proven to this device once. */
export interface KnownPeer {
  readonly name: string
  /** Of the public key, hex. */
  readonly key: string
  readonly metAtMs: number
  /** The user has compared fingerprints. */
  readonly trusted: boolean
  /** The account that the user says this is, UUID text. */
  readonly userId?: string
}

/**
 * What a device knows of a key under a name. `trusted`: the user compared it. `known`: it was proven
 * under this name before. `renamed`: it had another name. `changed`: the name was another key's.
 */
export type Standing = 'trusted' | 'known' | 'new' | 'renamed' | 'changed'

/** A name and a key as they come together. */
export type NamedKey = Pick<Peer, 'name' | 'publicKey'>

/** How somebody stands with this device. */
export function standingOf({ name, publicKey }: NamedKey, known: readonly KnownPeer[]): Standing {
  const key = idOf(publicKey)
  const own = known.find((each) => each.key === key)
  const isOwnName = own !== undefined && foldedName(own.name) === foldedName(name)
  if (isOwnName && own.trusted) return 'trusted'
  const hadItBefore = known.some((each) => {
    const isEarlier = !isOwnName || each.metAtMs < own.metAtMs || each.trusted
    return each.key !== key && foldedName(each.name) === foldedName(name) && isEarlier
  })
  if (hadItBefore) return 'changed'
  if (own === undefined) return 'new'
  return isOwnName ? 'known' : 'renamed'
}

/** The account that the user tied this key to, by `parley lan trust --as`. */
export function accountOf(
  { publicKey }: NamedKey,
  known: readonly KnownPeer[],
): string | undefined {
  return known.find(({ key, trusted }) => trusted && key === idOf(publicKey))?.userId
}

/** Whom a name or a fingerprint means among those who are here. */
export type Choice =
  | { readonly kind: 'chosen'; readonly peer: Peer; readonly standing: Standing }
  /** Nobody, so far. */
  | { readonly kind: 'nobody' }
  | { readonly kind: 'unclear'; readonly why: AppError }

/** Chooses by fingerprint, or by name where the name alone is safe: one key, and no other had it before. */
export function choosePeer(
  asked: string,
  peers: readonly Peer[],
  known: readonly KnownPeer[],
): Choice {
  const fingerprint = parseFingerprint(asked)
  const name = foldedName(asked.replace(/^@/u, ''))
  const meant = peers
    .filter((peer) => peer.fingerprint === fingerprint || foldedName(peer.name) === name)
    .map((peer) => ({ kind: 'chosen' as const, peer, standing: standingOf(peer, known) }))
  const exact = meant.find(({ peer }) => peer.fingerprint === fingerprint)
  if (exact) return exact
  if (meant.length === 0) return { kind: 'nobody' }
  for (const standing of ['trusted', 'known'] as const) {
    const those = meant.filter((each) => each.standing === standing)
    if (those.length === 1 && those[0]) return those[0]
    if (those.length > 1) return { kind: 'unclear', why: ambiguous(asked, meant) }
  }
  if (meant.some(({ standing }) => standing === 'changed')) {
    return { kind: 'unclear', why: changed(asked, meant) }
  }
  const [only, ...others] = meant
  if (only && others.length === 0) return only
  return { kind: 'unclear', why: ambiguous(asked, meant) }
}

type Meant = readonly { readonly peer: Peer }[]

function ambiguous(asked: string, meant: Meant): AppError {
  const words = `several here are called ${asked}: ${fingerprints(meant)}`
  return new AppError('conflict', 'AMBIGUOUS_PEER', words)
}

function changed(asked: string, meant: Meant): AppError {
  const words = `${asked} had another key before; who is here now has ${fingerprints(meant)}: compare it with them, then name them by it, or: parley lan trust`
  return new AppError('forbidden', 'PEER_CHANGED', words)
}

function fingerprints(meant: Meant): string {
  return meant.map(({ peer }) => peer.fingerprint).join(', ')
}
