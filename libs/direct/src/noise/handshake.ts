import type { KeyPair } from '../key-pair.ts'
import { agree, keyBytes, makeKeyPair } from '../key-pair.ts'
import type { CipherState } from './cipher-state.ts'
import { tagBytes } from './cipher-state.ts'
import { SymmetricState } from './symmetric-state.ts'

const protocolName = 'Noise_XX_25519_ChaChaPoly_SHA256'

type Token = 'e' | 's' | 'ee' | 'es' | 'se'

// Each side's own, the initiator's first.
const messages: readonly (readonly Token[])[] = [['e'], ['e', 'ee', 's', 'es'], ['s', 'se']]

/** Who spoke first. */
export type Role = 'initiator' | 'responder'

/** What a handshake begins with. */
export interface HandshakeStart {
  readonly role: Role
  readonly me: KeyPair
  /** What both sides must already agree on. */
  readonly prologue: Uint8Array
  /** Of one handshake only; made here unless a test vector says which. */
  readonly ephemeral?: KeyPair
}

/** What a handshake leads to. */
export interface Agreed {
  readonly send: CipherState
  readonly receive: CipherState
  readonly remoteKey: Uint8Array
  /** Equal on both sides of this exchange, and of no other. */
  readonly binding: Uint8Array
}

/** The three messages of pattern XX: HandshakeState of the Noise specification, section 5.3. */
export class Handshake {
  readonly #role: Role
  readonly #me: KeyPair
  readonly #ephemeral: KeyPair
  readonly #state = new SymmetricState(protocolName)
  #remoteEphemeral: Uint8Array | undefined
  #remoteKey: Uint8Array | undefined
  #step = 0

  constructor({ role, me, prologue, ephemeral }: HandshakeStart) {
    this.#role = role
    this.#me = me
    this.#ephemeral = ephemeral ?? makeKeyPair()
    this.#state.mixHash(prologue)
  }

  /** The other side's long-lived key, as soon as it was proven to be in the exchange. */
  get remoteKey(): Uint8Array | undefined {
    return this.#remoteKey
  }

  /** This side's next message; `payload` is encrypted from the second message on. */
  write(payload: Uint8Array): Buffer {
    const parts: Uint8Array[] = []
    for (const token of this.#nextTokens()) {
      if (token === 'e') {
        parts.push(this.#ephemeral.publicKey)
        this.#state.mixHash(this.#ephemeral.publicKey)
      } else if (token === 's') parts.push(this.#state.encryptAndHash(this.#me.publicKey))
      else this.#state.mixKey(this.#secret(token))
    }
    parts.push(this.#state.encryptAndHash(payload))
    return Buffer.concat(parts)
  }

  /** Takes the other side's next message and answers its payload; throws when it is not genuine. */
  read(message: Uint8Array): Uint8Array {
    let at = 0
    const take = (count: number) => {
      if (message.length < at + count) throw new Error('a handshake message is too short')
      return message.subarray(at, (at += count))
    }
    for (const token of this.#nextTokens()) {
      if (token === 'e') {
        this.#remoteEphemeral = Uint8Array.from(take(keyBytes))
        this.#state.mixHash(this.#remoteEphemeral)
      } else if (token === 's') {
        this.#remoteKey = Uint8Array.from(this.#state.decryptAndHash(take(keyBytes + tagBytes)))
      } else this.#state.mixKey(this.#secret(token))
    }
    return Uint8Array.from(this.#state.decryptAndHash(message.subarray(at)))
  }

  /** What was agreed, after the third message. */
  finish(): Agreed {
    if (this.#step < messages.length || !this.#remoteKey) throw new Error('the handshake goes on')
    const [ofInitiator, ofResponder] = this.#state.split()
    const mine = this.#role === 'initiator'
    return {
      send: mine ? ofInitiator : ofResponder,
      receive: mine ? ofResponder : ofInitiator,
      remoteKey: this.#remoteKey,
      binding: this.#state.hash,
    }
  }

  #nextTokens(): readonly Token[] {
    const tokens = messages[this.#step]
    if (!tokens) throw new Error('the handshake is over')
    this.#step += 1
    return tokens
  }

  // The first letter is the initiator's key, the second the responder's.
  #secret(token: 'ee' | 'es' | 'se'): Buffer {
    const letters = this.#role === 'initiator' ? token : `${token[1]}${token[0]}`
    const mine = letters[0] === 'e' ? this.#ephemeral : this.#me
    const theirs = letters[1] === 'e' ? this.#remoteEphemeral : this.#remoteKey
    if (!theirs) throw new Error('a handshake message came out of order')
    return agree(mine, theirs)
  }
}
