import { fingerprintOf } from '@parley/direct'
import type { Announcement } from './announcement.ts'

/** Where somebody listens. */
export interface Endpoint {
  readonly address: string
  readonly port: number
}

/** Somebody in this network, as they announce themselves. */
export interface Peer {
  readonly name: string
  readonly fingerprint: string
  readonly publicKey: Uint8Array
  /** As they are to be tried: where the key was proven comes first, then where it was heard of last. */
  readonly endpoints: readonly Endpoint[]
}

/** What an announcement changed. */
export interface PeerChange {
  readonly kind: 'came' | 'renamed' | 'left'
  readonly peer: Peer
}

/** The bounds of the list. */
export interface PeerLimits {
  readonly peers: number
  /** Of those, whom one address alone may have announced. */
  readonly peersPerAddress: number
  readonly endpointsPerPeer: number
  /** Silence after which an endpoint is gone. */
  readonly silenceMs: number
}

/** The bounds unless told. */
export const defaultPeerLimits: PeerLimits = {
  peers: 256,
  peersPerAddress: 16,
  endpointsPerPeer: 4,
  silenceMs: 10_000,
}

interface Place extends Endpoint {
  readonly heardAtMs: number
  /** The key was proven there, the last time that it was tried. */
  readonly isProven: boolean
}

interface Listed {
  readonly name: string
  readonly fingerprint: string
  readonly publicKey: Uint8Array
  readonly places: readonly Place[]
}

/** Who is in this network, by what is heard: nothing here is proven but places, once they were tried. */
export class Peers {
  readonly #own: string
  readonly #limits: PeerLimits
  readonly #listed = new Map<string, Listed>()

  constructor(ownKey: Uint8Array, limits: PeerLimits = defaultPeerLimits) {
    this.#own = idOf(ownKey)
    this.#limits = limits
  }

  /** Takes in what came from an address. */
  hear(heard: Announcement, address: string, nowMs: number): PeerChange | undefined {
    const id = idOf(heard.publicKey)
    if (id === this.#own) return undefined
    const listed = this.#listed.get(id)
    const at = { address, port: heard.tcpPort }
    const others = (listed?.places ?? []).filter((each) => !isSame(each, at))
    if (heard.kind === 'leaving') return this.#leave(id, listed, others)
    if (!listed && this.#isFull(address)) return undefined
    const { name, publicKey } = heard
    const fingerprint = listed?.fingerprint ?? fingerprintOf(publicKey)
    const isProven = listed?.places.find((each) => isSame(each, at))?.isProven ?? false
    const place = { ...at, heardAtMs: nowMs, isProven }
    const places = ordered([place, ...others]).slice(0, this.#limits.endpointsPerPeer)
    const next = { name, publicKey, fingerprint, places }
    this.#listed.set(id, next)
    if (!listed) return { kind: 'came', peer: peerOf(next) }
    return listed.name === name ? undefined : { kind: 'renamed', peer: peerOf(next) }
  }

  /** Remembers whether the one at this place proved to have the key. */
  tried(publicKey: Uint8Array, endpoint: Endpoint, isProven: boolean): void {
    const id = idOf(publicKey)
    const listed = this.#listed.get(id)
    if (!listed) return
    const places = listed.places.map((each) =>
      isSame(each, endpoint) ? { ...each, isProven } : each,
    )
    this.#listed.set(id, { ...listed, places: ordered(places) })
  }

  /** Drops whom nothing was heard of for too long, and answers them. */
  lapse(nowMs: number): Peer[] {
    const gone: Peer[] = []
    for (const [id, listed] of this.#listed) {
      const places = listed.places.filter(
        ({ heardAtMs }) => nowMs - heardAtMs < this.#limits.silenceMs,
      )
      if (places.length > 0) this.#listed.set(id, { ...listed, places })
      else if (this.#listed.delete(id)) gone.push(peerOf(listed))
    }
    return gone
  }

  /** Where somebody is, as `Peer` has it; undefined when they are not listed. */
  placesOf(publicKey: Uint8Array): readonly Endpoint[] | undefined {
    return this.#listed.get(idOf(publicKey))?.places
  }

  /** Everybody, by name. */
  list(): Peer[] {
    const peers = [...this.#listed.values()].map(peerOf)
    return peers.toSorted((one, other) => one.name.localeCompare(other.name))
  }

  // Only a place that is listed can leave: a stranger's word ends nothing but itself.
  #leave(id: string, listed: Listed | undefined, others: Place[]): PeerChange | undefined {
    if (!listed || others.length === listed.places.length) return undefined
    if (others.length > 0) this.#listed.set(id, { ...listed, places: others })
    if (others.length > 0) return undefined
    this.#listed.delete(id)
    return { kind: 'left', peer: peerOf(listed) }
  }

  #isFull(address: string): boolean {
    if (this.#listed.size >= this.#limits.peers) return true
    const here = [...this.#listed.values()].filter(({ places }) => places[0]?.address === address)
    return here.length >= this.#limits.peersPerAddress
  }
}

/** What a key is known by. */
export function idOf(publicKey: Uint8Array): string {
  return Buffer.from(publicKey).toString('hex')
}

// The last gives way. Anybody can announce a key, at as many places as they like: so where it was proven comes
// first, and of the other addresses each with the place heard of last, before any comes with another one.
function ordered(places: readonly Place[]): Place[] {
  const newestFirst = places.toSorted((one, other) => other.heardAtMs - one.heardAtMs)
  const proven = newestFirst.filter(({ isProven }) => isProven)
  const others = newestFirst.filter(({ isProven }) => !isProven)
  const turnOf = (place: Place, at: number) =>
    others.slice(0, at).filter(({ address }) => address === place.address).length
  const inTurn = others
    .map((place, at) => ({ place, turn: turnOf(place, at) }))
    .toSorted((one, other) => one.turn - other.turn)
  return [...proven, ...inTurn.map(({ place }) => place)]
}

function isSame(one: Endpoint, other: Endpoint): boolean {
  return one.address === other.address && one.port === other.port
}

function peerOf({ name, fingerprint, publicKey, places }: Listed): Peer {
  const endpoints = places.map(({ address, port }) => ({ address, port }))
  return { name, fingerprint, publicKey, endpoints }
}
