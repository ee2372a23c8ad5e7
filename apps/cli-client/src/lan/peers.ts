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
  /** Heard of last comes first. */
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
}

interface Listed {
  readonly name: string
  readonly fingerprint: string
  readonly publicKey: Uint8Array
  readonly places: readonly Place[]
}

/** Who is in this network, by what is heard: nothing here is proven. */
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
    const place = { address, port: heard.tcpPort, heardAtMs: nowMs }
    const others = (listed?.places ?? []).filter((each) => !isSame(each, place))
    if (heard.kind === 'leaving') return this.#leave(id, listed, others)
    if (!listed && this.#isFull(address)) return undefined
    const { name, publicKey } = heard
    const fingerprint = listed?.fingerprint ?? fingerprintOf(publicKey)
    const places = [place, ...others].slice(0, this.#limits.endpointsPerPeer)
    const next = { name, publicKey, fingerprint, places }
    this.#listed.set(id, next)
    if (!listed) return { kind: 'came', peer: peerOf(next) }
    return listed.name === name ? undefined : { kind: 'renamed', peer: peerOf(next) }
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

function isSame(one: Endpoint, other: Endpoint): boolean {
  return one.address === other.address && one.port === other.port
}

function peerOf({ name, fingerprint, publicKey, places }: Listed): Peer {
  const endpoints = places.map(({ address, port }) => ({ address, port }))
  return { name, fingerprint, publicKey, endpoints }
}
