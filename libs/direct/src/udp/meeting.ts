import type { Timer, Scheduler } from '@parley/service-kit'
import type { Agreed } from '../noise/handshake.ts'
import type { Datagram, Kind } from './datagrams.ts'
import { Handshaking } from './handshaking.ts'
import type { HandshakingTerms, Step } from './handshaking.ts'

/** Where somebody may be reached: a literal address. */
export interface Endpoint {
  readonly address: string
  readonly port: number
}

/** The most endpoints that are tried for one peer. */
const maxCandidates = 16

/** What a meeting needs. */
export interface MeetingParts extends HandshakingTerms {
  readonly candidates: readonly Endpoint[]
  readonly knockMs: number
  readonly scheduler: Scheduler
  say(kind: Kind, body: Uint8Array, to: Endpoint): void
  /** Both have proven their keys; `at` is where the other side is. */
  met(agreed: Agreed, at: Endpoint): void
}

const nothing = Buffer.alloc(0)

/**
 * Two sides find each other: both knock at every place where the other may be, which opens NATs that let in whom one
 * has written to (RFC 8445 calls these connectivity checks), and shake hands where they hear something.
 */
export class Meeting {
  readonly #parts: MeetingParts
  readonly #handshaking: Handshaking
  readonly #knocking: Timer
  /** Those that have written to us. */
  readonly #heard: Endpoint[] = []
  #candidates: readonly Endpoint[]
  #isOver = false

  constructor(parts: MeetingParts) {
    this.#parts = parts
    this.#candidates = parts.candidates.slice(0, maxCandidates)
    this.#handshaking = new Handshaking(parts)
    this.#knocking = parts.scheduler.every(parts.knockMs, () => this.#knock())
    this.#knock()
  }

  /** Takes a probe or a message of the handshake. */
  take(datagram: Datagram, from: Endpoint): void {
    // After the end only the responder's repeated question is answered: it has not heard our last word.
    if (this.#isOver && datagram.kind !== 'second') return
    const isNew = this.#noteHeard(from)
    if (datagram.kind !== 'probe') return this.#do(this.#handshaking.take(datagram), from)
    const { said } = this.#handshaking
    if (isNew && said !== undefined) this.#parts.say(said.kind, said.body, from)
  }

  /** Knocks no more. */
  close(): void {
    this.#isOver = true
    this.#knocking.cancel()
  }

  #knock(): void {
    const { said } = this.#handshaking
    for (const candidate of this.#candidates) this.#parts.say('probe', nothing, candidate)
    if (said === undefined) return
    for (const endpoint of this.#heard) this.#parts.say(said.kind, said.body, endpoint)
  }

  /** True for an endpoint that has not written before. Who knocks may be elsewhere than it thought, behind a NAT. */
  #noteHeard(from: Endpoint): boolean {
    const isFrom = (one: Endpoint) => one.address === from.address && one.port === from.port
    if (this.#heard.length >= maxCandidates || this.#heard.some(isFrom)) return false
    this.#heard.push(from)
    if (!this.#candidates.some(isFrom)) this.#candidates = [...this.#candidates, from]
    return true
  }

  #do({ say, agreed }: Step, from: Endpoint): void {
    if (say !== undefined) this.#parts.say(say.kind, say.body, from)
    if (agreed === undefined) return
    this.close()
    this.#parts.met(agreed, from)
  }
}
