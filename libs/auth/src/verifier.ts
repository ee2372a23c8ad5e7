import { AppError, isAppError } from '@parley/errors'
import { systemScheduler } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { errors, jwtVerify } from 'jose'
import type { JWTPayload } from 'jose'
import { LRUCache } from 'lru-cache'
import type { z } from 'zod'
import { algorithm } from './algorithm.ts'
import type { KeySet } from './key-set.ts'

interface Verified {
  readonly kid: string
  readonly expiresAtMs: number
  readonly audiences: readonly string[]
  readonly payload: JWTPayload
}

/** Bounds of a verifier. */
export interface VerifierOptions {
  readonly scheduler?: Scheduler
  /** Tokens remembered as good, so that the next look costs no signature check; 10,000 unless told. */
  readonly maxRemembered?: number
}

const maxTokenChars = 4_096

/** Checks tokens of one issuer: signature, issuer, expiry, audience and shape. */
export class Verifier {
  readonly #keys: KeySet
  readonly #scheduler: Scheduler
  readonly #remembered: LRUCache<string, Verified>

  constructor(keys: KeySet, options: VerifierOptions = {}) {
    this.#keys = keys
    this.#scheduler = options.scheduler ?? systemScheduler
    this.#remembered = new LRUCache({ max: options.maxRemembered ?? 10_000 })
  }

  /** Tokens remembered as good at this moment. */
  get remembered(): number {
    return this.#remembered.size
  }

  /** The claims of a good token; throws `AppError` (unauthenticated) with a TOKEN_ reason otherwise. */
  async verify<S extends z.ZodType>(
    token: string,
    audience: string,
    shape: S,
  ): Promise<{ readonly claims: z.output<S>; readonly expiresAtMs: number }> {
    const verified = this.#recall(token) ?? (await this.#check(token))
    if (verified.expiresAtMs <= this.#scheduler.now()) throw expired()
    if (!verified.audiences.includes(audience)) throw invalid('meant for another service')
    const claims = shape.safeParse(verified.payload)
    if (!claims.success) throw invalid('not a token of this kind')
    return { claims: claims.data, expiresAtMs: verified.expiresAtMs }
  }

  // A key that its issuer has withdrawn takes its remembered tokens along.
  #recall(token: string): Verified | undefined {
    const verified = this.#remembered.get(token)
    if (!verified) return undefined
    if (this.#keys.has(verified.kid) && verified.expiresAtMs > this.#scheduler.now())
      return verified
    this.#remembered.delete(token)
    return undefined
  }

  async #check(token: string): Promise<Verified> {
    if (token === '') throw refusal('TOKEN_MISSING', 'no token given')
    if (token.length > maxTokenChars) throw refusal('TOKEN_MALFORMED', 'the token is too long')
    try {
      const verified = await this.#verifySignature(token)
      this.#remembered.set(token, verified)
      return verified
    } catch (error) {
      throw translated(error)
    }
  }

  async #verifySignature(token: string): Promise<Verified> {
    let kid = ''
    const { payload } = await jwtVerify(
      token,
      async (header) => {
        kid = header.kid ?? ''
        const key = await this.#keys.find(kid)
        if (!key) throw invalid('signed by an unknown key')
        return key
      },
      {
        algorithms: [algorithm],
        issuer: this.#keys.issuer,
        requiredClaims: ['sub', 'aud', 'exp'],
        currentDate: new Date(this.#scheduler.now()),
      },
    )
    const audiences = typeof payload.aud === 'string' ? [payload.aud] : (payload.aud ?? [])
    return { kid, payload, audiences, expiresAtMs: (payload.exp ?? 0) * 1000 }
  }
}

function translated(error: unknown): AppError {
  if (isAppError(error)) return error
  if (error instanceof errors.JWTExpired) return expired()
  const malformed = error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid
  if (malformed) return refusal('TOKEN_MALFORMED', 'not a token', error)
  return refusal('TOKEN_INVALID', 'the token is not good', error)
}

function expired(): AppError {
  return refusal('TOKEN_EXPIRED', 'the token has expired')
}

function invalid(why: string): AppError {
  return refusal('TOKEN_INVALID', `the token is not good: ${why}`)
}

function refusal(reason: string, message: string, cause?: unknown): AppError {
  return new AppError('unauthenticated', reason, message, { cause })
}
