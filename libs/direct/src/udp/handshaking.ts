import type { KeyPair } from '../key-pair.ts'
import { Handshake } from '../noise/handshake.ts'
import type { Agreed, Role } from '../noise/handshake.ts'
import type { Datagram, Kind } from './datagrams.ts'

/** Who shakes hands with whom. */
export interface HandshakingTerms {
  readonly me: KeyPair
  readonly role: Role
  readonly prologue: Uint8Array
  /** The key that the other side must have. */
  readonly expect: Uint8Array
}

/** What to answer, and what was agreed when the last message was seen. */
export interface Step {
  readonly say?: { readonly kind: Kind; readonly body: Buffer }
  readonly agreed?: Agreed
}

const nothing = Buffer.alloc(0)

/**
 * A Noise XX handshake whose messages may be lost, repeated, forged and late: each of ours is kept and said
 * again, and what is not genuine is as if it had not come.
 */
export class Handshaking {
  readonly #terms: HandshakingTerms
  #handshake: Handshake
  #answered: Buffer | undefined
  #said: Step['say']

  constructor(terms: HandshakingTerms) {
    this.#terms = terms
    this.#handshake = new Handshake(terms)
    if (terms.role === 'initiator')
      this.#said = { kind: 'first', body: this.#handshake.write(nothing) }
  }

  /** What is to be said again until an answer comes; nothing before the responder was spoken to. */
  get said(): Step['say'] {
    return this.#said
  }

  /** Takes a message of the other side. */
  take({ kind, body }: Datagram): Step {
    if (this.#answered?.equals(body) === true) return this.#said ? { say: this.#said } : {}
    try {
      return this.#next(kind, body)
    } catch {
      this.#startAgain()
      return {}
    }
  }

  #next(kind: Kind, body: Buffer): Step {
    const isInitiator = this.#terms.role === 'initiator'
    if (isInitiator)
      return kind === 'second' && this.#answered === undefined ? this.#second(body) : {}
    if (kind === 'first') return this.#first(body)
    return kind === 'third' && this.#answered !== undefined ? this.#third(body) : {}
  }

  /** Of the responder; whoever speaks first again has lost what was said. */
  #first(body: Buffer): Step {
    this.#handshake = new Handshake(this.#terms)
    this.#handshake.read(body)
    this.#answered = Buffer.from(body)
    this.#said = { kind: 'second', body: this.#handshake.write(nothing) }
    return { say: this.#said }
  }

  #second(body: Buffer): Step {
    this.#handshake.read(body)
    this.#assertExpected()
    this.#answered = Buffer.from(body)
    this.#said = { kind: 'third', body: this.#handshake.write(nothing) }
    return { say: this.#said, agreed: this.#handshake.finish() }
  }

  #third(body: Buffer): Step {
    this.#handshake.read(body)
    this.#assertExpected()
    this.#said = undefined
    return { agreed: this.#handshake.finish() }
  }

  #assertExpected(): void {
    const { remoteKey } = this.#handshake
    const isExpected =
      remoteKey !== undefined && Buffer.compare(remoteKey, this.#terms.expect) === 0
    if (!isExpected) throw new Error('the other side has another key')
  }

  /** What was not genuine has spoilt the state: it is as before its first message. */
  #startAgain(): void {
    this.#handshake = new Handshake(this.#terms)
    this.#answered = undefined
    const isInitiator = this.#terms.role === 'initiator'
    this.#said = isInitiator ? { kind: 'first', body: this.#handshake.write(nothing) } : undefined
  }
}
