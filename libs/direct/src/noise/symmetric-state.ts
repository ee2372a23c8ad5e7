import { createHash, hkdfSync } from 'node:crypto'
import { CipherState } from './cipher-state.ts'

const nothing = Buffer.alloc(0)

/** What both sides have seen and agreed on so far: SymmetricState of the Noise specification, section 5.2. */
export class SymmetricState {
  #hash: Buffer
  #chainingKey: Buffer
  #cipher: CipherState | undefined

  /** `protocolName` has at most 32 bytes. */
  constructor(protocolName: string) {
    this.#hash = Buffer.alloc(32)
    this.#hash.write(protocolName)
    this.#chainingKey = this.#hash
  }

  /** Stands for the whole exchange: equal on both sides only if they saw the same bytes. */
  get hash(): Buffer {
    return this.#hash
  }

  /** From now on both sides must have seen these bytes. */
  mixHash(bytes: Uint8Array): void {
    this.#hash = createHash('sha256').update(this.#hash).update(bytes).digest()
  }

  /** From now on only who knows this secret can go on. */
  mixKey(secret: Uint8Array): void {
    const [chainingKey, key] = this.#derive(secret)
    this.#chainingKey = chainingKey
    this.#cipher = new CipherState(key)
  }

  /** Encrypts as soon as there is a secret; before it, the bytes go as they are. */
  encryptAndHash(plain: Uint8Array): Uint8Array {
    const sealed = this.#cipher ? this.#cipher.encrypt(this.#hash, plain) : plain
    this.mixHash(sealed)
    return sealed
  }

  /** Undoes `encryptAndHash` of the other side; throws when it was not the other side's. */
  decryptAndHash(sealed: Uint8Array): Uint8Array {
    const plain = this.#cipher ? this.#cipher.decrypt(this.#hash, sealed) : sealed
    this.mixHash(sealed)
    return plain
  }

  /** The ciphers of the two directions: of the one who began, and of the other. */
  split(): [CipherState, CipherState] {
    const [first, second] = this.#derive(nothing)
    return [new CipherState(first), new CipherState(second)]
  }

  // RFC 5869 without info is the HKDF of the Noise specification.
  #derive(secret: Uint8Array): [Buffer, Buffer] {
    const both = Buffer.from(hkdfSync('sha256', secret, this.#chainingKey, nothing, 64))
    return [both.subarray(0, 32), both.subarray(32)]
  }
}
