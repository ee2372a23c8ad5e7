import { AppError } from '@parley/errors'
import {
  Backoff,
  readIfThere,
  systemScheduler,
  within,
  writeFileDurably,
} from '@parley/service-kit'
import type { Logger, Scheduler, Timer } from '@parley/service-kit'
import type { CryptoKey } from 'jose'
import { parseJwks } from './key-set.ts'
import type { KeySet, PublicKeys } from './key-set.ts'

/** Where the keys of another service come from and are kept. */
export interface RemoteKeySetOptions {
  readonly issuer: string
  /** Asks the issuer for its JSON Web Key Set. */
  readonly fetch: () => Promise<string>
  /** Where the last answer is kept for when the issuer is away. */
  readonly cacheFile: string
  readonly log: Pick<Logger, 'warn'>
  readonly scheduler?: Scheduler
}

const refreshEveryMs = 5_000
/** After an ask that failed: services start together, and the one with the keys may be the last. */
const retryEveryMs = 500
const fetchLimitMs = 5_000

/**
 * The keys of another service: asked for at the start, kept on disk, and asked for again when a
 * token names a key that is not known: at most once in 5 s, or in 500 ms while nobody answers.
 */
export class RemoteKeySet implements KeySet {
  readonly issuer: string
  readonly #options: RemoteKeySetOptions
  readonly #scheduler: Scheduler
  readonly #backoff: Backoff
  #keys: PublicKeys = new Map()
  #cacheRead: Promise<void> | undefined
  #refreshing: Promise<void> | undefined
  #askedAtMs = Number.NEGATIVE_INFINITY
  #lastFailure: unknown
  #retry: Timer | undefined
  #closed = false

  constructor(options: RemoteKeySetOptions) {
    this.issuer = options.issuer
    this.#options = options
    this.#scheduler = options.scheduler ?? systemScheduler
    this.#backoff = new Backoff(this.#scheduler, { baseMs: 500, capMs: 30_000 })
  }

  has(kid: string): boolean {
    return this.#keys.has(kid)
  }

  /** Throws `AppError` (unavailable, KEYS_UNAVAILABLE) when the issuer cannot be asked for an unknown key. */
  async find(kid: string): Promise<CryptoKey | undefined> {
    await this.#readCache()
    const known = this.#keys.get(kid)
    if (known) return known
    await this.#refreshUnlessJustDone()
    const found = this.#keys.get(kid)
    if (!found && this.#lastFailure !== undefined) throw unavailable(this.issuer, this.#lastFailure)
    return found
  }

  /** Reads the cache, then asks the issuer in the background until it has answered once. */
  async start(): Promise<void> {
    await this.#readCache()
    this.#askUntilAnswered()
  }

  /** Stops asking in the background. */
  close(): void {
    this.#closed = true
    this.#retry?.cancel()
  }

  #askUntilAnswered(): void {
    if (this.#closed) return
    const again = () => {
      if (this.#closed || this.#lastFailure === undefined) return
      this.#retry = this.#scheduler.setTimer(this.#backoff.next(), () => this.#askUntilAnswered())
    }
    void this.#refresh().then(again)
  }

  async #refreshUnlessJustDone(): Promise<void> {
    const sinceMs = this.#scheduler.monotonic() - this.#askedAtMs
    const everyMs = this.#lastFailure === undefined ? refreshEveryMs : retryEveryMs
    if (this.#refreshing || sinceMs >= everyMs) await this.#refresh()
  }

  // One question at a time, whoever asks; the outcome is in #keys and #lastFailure.
  #refresh(): Promise<void> {
    this.#askedAtMs = this.#refreshing ? this.#askedAtMs : this.#scheduler.monotonic()
    this.#refreshing ??= this.#ask().finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  async #ask(): Promise<void> {
    const { fetch, issuer, log } = this.#options
    try {
      const what = `asking ${issuer} for its keys`
      const text = await within(this.#scheduler, fetchLimitMs, what, fetch())
      this.#keys = await parseJwks(text)
      this.#lastFailure = undefined
      await this.#keep(text)
    } catch (error) {
      // Said once per outage, however often it is tried again.
      if (this.#lastFailure === undefined) log.warn({ err: error, issuer }, 'no signing keys yet')
      this.#lastFailure = error
    }
  }

  async #keep(text: string): Promise<void> {
    const { cacheFile, issuer, log } = this.#options
    try {
      await writeFileDurably(cacheFile, text)
    } catch (error) {
      // The keys in memory are good; only a restart while the issuer is away would miss the file.
      log.warn({ err: error, issuer }, 'could not keep signing keys')
    }
  }

  #readCache(): Promise<void> {
    this.#cacheRead ??= this.#loadCache()
    return this.#cacheRead
  }

  async #loadCache(): Promise<void> {
    const { cacheFile, issuer, log } = this.#options
    try {
      const text = await readIfThere(cacheFile)
      if (text !== undefined) this.#keys = await parseJwks(text)
    } catch (error) {
      log.warn({ err: error, issuer }, 'could not read kept signing keys')
    }
  }
}

function unavailable(issuer: string, cause: unknown): AppError {
  const message = `the signing keys of ${issuer} cannot be had now`
  return new AppError('unavailable', 'KEYS_UNAVAILABLE', message, {
    cause,
    retryAfterMs: retryEveryMs,
  })
}
