import { AppError } from '@parley/errors'
import type { UploadLimits } from './limits.ts'
import { uploadBusy } from './refusals.ts'

type TurnLimits = Pick<UploadLimits, 'maxActiveAppends' | 'maxUserActive'>

const retryAfterMs = 2_000

/** Who may work now: one at a time on each upload, a few for each user, so many bodies in all. */
export class UploadTurns {
  readonly #limits: TurnLimits
  readonly #busy = new Map<string, Promise<void>>()
  readonly #active = new Map<string, number>()
  #receiving = 0

  constructor(limits: TurnLimits) {
    this.#limits = limits
  }

  /** Whether somebody works on this upload. */
  isBusy(id: string): boolean {
    return this.#busy.has(id)
  }

  /** Resolves when nobody works on this upload any more; undefined when nobody does. */
  untilFree(id: string): Promise<void> | undefined {
    return this.#busy.get(id)
  }

  /** Works on one upload alone; throws `AppError` (conflict, UPLOAD_BUSY) while somebody else does. */
  async alone<T>(id: string, work: () => Promise<T>): Promise<T> {
    if (this.#busy.has(id)) throw uploadBusy()
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#busy.set(id, promise)
    try {
      return await work()
    } finally {
      this.#busy.delete(id)
      resolve()
    }
  }

  /** Receives or finishes for a user; throws `AppError` (rate-limited) beyond so much of one user. */
  async ofUser<T>(owner: string, work: () => Promise<T>): Promise<T> {
    const active = this.#active.get(owner) ?? 0
    if (active >= this.#limits.maxUserActive) throw tooManyOfUser(active)
    this.#active.set(owner, active + 1)
    try {
      return await work()
    } finally {
      const left = (this.#active.get(owner) ?? 1) - 1
      if (left > 0) this.#active.set(owner, left)
      else this.#active.delete(owner)
    }
  }

  /** Receives a body; throws `AppError` (unavailable, BUSY) beyond so many of all users. */
  async receiving<T>(work: () => Promise<T>): Promise<T> {
    if (this.#receiving >= this.#limits.maxActiveAppends) throw tooManyBodies(this.#receiving)
    this.#receiving += 1
    try {
      return await work()
    } finally {
      this.#receiving -= 1
    }
  }
}

function tooManyOfUser(active: number): AppError {
  const message = `${active} of your uploads are under way, as many as are taken of one user at once`
  return new AppError('rate-limited', 'TOO_MANY_AT_ONCE', message, { retryAfterMs })
}

function tooManyBodies(receiving: number): AppError {
  const message = `the server is receiving ${receiving} uploads, as many as it takes at once`
  return new AppError('unavailable', 'BUSY', message, { retryAfterMs })
}
