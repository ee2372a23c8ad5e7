import { AppError } from '@parley/errors'
import { delay, systemScheduler } from '@parley/service-kit'
import type { Logger, Scheduler } from '@parley/service-kit'
import type { CryptoKey } from 'jose'
import { parseJwks } from './key-set.ts'
import type { KeySet, PublicKeys } from './key-set.ts'
import type { Signer } from './signer.ts'

/** How the keys of several signers of one service are found. */
export interface SharedKeySetOptions {
  /** The one of this process, whose key counts always. */
  readonly signer: Signer
  /** The public keys of all of them, as JSON Web Keys. */
  readonly read: () => Promise<readonly string[]>
  readonly log: Pick<Logger, 'warn'>
  readonly scheduler?: Scheduler
}

/** Reads follow each other no faster than this, however many unknown keys are named. */
const readEveryMs = 1_000
/** What was read longer ago is read again before it is told to others. */
const toldForMs = 60_000

/**
 * The keys of all processes that sign for one service, each with a key of its own: read again when a
 * token names a key that is not known, at most once a second. Who comes too early waits that second.
 */
export class SharedKeySet implements KeySet {
  readonly issuer: string
  readonly #options: SharedKeySetOptions
  readonly #scheduler: Scheduler
  #keys: PublicKeys = new Map()
  #jwks: string
  #reading: Promise<void> | undefined
  #readAtMs = Number.NEGATIVE_INFINITY
  #lastFailure: unknown

  constructor(options: SharedKeySetOptions) {
    this.issuer = options.signer.issuer
    this.#options = options
    this.#scheduler = options.scheduler ?? systemScheduler
    this.#jwks = options.signer.jwks
  }

  has(kid: string): boolean {
    return this.#keys.has(kid)
  }

  /** Throws `AppError` (unavailable, KEYS_UNAVAILABLE) when the key is unknown and the others cannot be read. */
  async find(kid: string): Promise<CryptoKey | undefined> {
    await this.#readOwn()
    const known = this.#keys.get(kid)
    if (known !== undefined) return known
    await this.#readSoon()
    const found = this.#keys.get(kid)
    if (found === undefined && this.#lastFailure !== undefined) throw unavailable(this.#lastFailure)
    return found
  }

  /** All keys as a JSON Web Key Set; while the others cannot be read, those known so far. */
  async jwks(): Promise<string> {
    if (this.#scheduler.monotonic() - this.#readAtMs >= toldForMs) await this.#readSoon()
    return this.#jwks
  }

  async #readOwn(): Promise<void> {
    if (this.#keys.size === 0) this.#keys = await parseJwks(this.#options.signer.jwks)
  }

  // One read at a time, whoever asks; whoever asks while one is under way may be too late for it.
  #readSoon(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #read(): Promise<void> {
    const { read, signer, log } = this.#options
    const restMs = this.#readAtMs + readEveryMs - this.#scheduler.monotonic()
    if (restMs > 0) await delay(this.#scheduler, restMs)
    this.#readAtMs = this.#scheduler.monotonic()
    try {
      const others = (await read()).filter((jwk) => jwk !== signer.publicJwk)
      const jwks = `{"keys":[${[signer.publicJwk, ...others].join(',')}]}`
      this.#keys = await parseJwks(jwks)
      this.#jwks = jwks
      this.#lastFailure = undefined
    } catch (error) {
      if (this.#lastFailure === undefined) log.warn({ err: error }, 'no keys of other relays now')
      this.#lastFailure = error
    }
  }
}

function unavailable(cause: unknown): AppError {
  const message = 'the signing keys of other relays cannot be had now'
  return new AppError('unavailable', 'KEYS_UNAVAILABLE', message, { cause, retryAfterMs: 1_000 })
}
