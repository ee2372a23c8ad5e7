import { createCipheriv, createDecipheriv } from 'node:crypto'

const cipherName = 'chacha20-poly1305'
const nothing = Buffer.alloc(0)

/** How many bytes longer what is encrypted is. */
export const tagBytes = 16

/** A key and the number of its next message: CipherState of the Noise specification, section 5.1. */
export class CipherState {
  #key: Buffer
  #nonce = 0

  /** `key` has 32 bytes. */
  constructor(key: Uint8Array) {
    this.#key = Buffer.from(key)
  }

  /** How many messages went through. */
  get count(): number {
    return this.#nonce
  }

  /** Encrypts one message, which may lie in several parts, bound to `about`, which both sides know. */
  encrypt(about: Uint8Array, ...plain: readonly Uint8Array[]): Buffer {
    const sealed = seal(this.#key, nonceOf(this.#nonce), about, plain)
    this.#nonce += 1
    return sealed
  }

  /** Opens the next message; throws when it is not what the other side encrypted as that. */
  decrypt(about: Uint8Array, sealed: Uint8Array): Buffer {
    const plain = open(this.#key, nonceOf(this.#nonce), about, sealed)
    this.#nonce += 1
    return plain
  }

  /** Encrypts a message whose number travels with it; no number may be used twice. */
  encryptAs(number: number, about: Uint8Array, plain: Uint8Array): Buffer {
    return seal(this.#key, nonceOf(number), about, [plain])
  }

  /** Opens the message of this number, in whatever order messages come (Noise specification, section 11.4). */
  decryptAs(number: number, about: Uint8Array, sealed: Uint8Array): Buffer {
    return open(this.#key, nonceOf(number), about, sealed)
  }

  /** Replaces the key by one that does not lead back to it; numbers go on. */
  rekey(): void {
    const lastNonce = Buffer.alloc(12, 0xff).fill(0, 0, 4)
    const sealed = seal(this.#key, lastNonce, nothing, [Buffer.alloc(32)])
    this.#key.fill(0)
    this.#key = sealed.subarray(0, 32)
  }

  /** Forgets the key. */
  destroy(): void {
    this.#key.fill(0)
  }
}

function nonceOf(count: number): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeBigUInt64LE(BigInt(count), 4)
  return nonce
}

function seal(key: Buffer, nonce: Buffer, about: Uint8Array, plain: readonly Uint8Array[]): Buffer {
  const cipher = createCipheriv(cipherName, key, nonce, { authTagLength: tagBytes })
  const plaintextLength = plain.reduce((sum, part) => sum + part.length, 0)
  cipher.setAAD(about, { plaintextLength })
  const sealed = plain.map((part) => cipher.update(part))
  return Buffer.concat([...sealed, cipher.final(), cipher.getAuthTag()])
}

function open(key: Buffer, nonce: Buffer, about: Uint8Array, sealed: Uint8Array): Buffer {
  if (sealed.length < tagBytes) throw new Error('too short to be genuine')
  const end = sealed.length - tagBytes
  const decipher = createDecipheriv(cipherName, key, nonce, { authTagLength: tagBytes })
  decipher.setAAD(about, { plaintextLength: end })
  decipher.setAuthTag(sealed.subarray(end))
  const plain = decipher.update(sealed.subarray(0, end))
  // Throws unless the tag is right; a stream cipher has nothing left to give.
  decipher.final()
  return plain
}
