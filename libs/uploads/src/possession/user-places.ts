import { AppError } from '@parley/errors'

const maxOfUser = 4
const retryAfterMs = 1_000

/** Who has proofs under way, so that nobody takes up every place there is. */
export class UserPlaces {
  readonly #taken = new Map<string, number>()

  /**
   * Takes one of a user's places until what this returns is called; throws `AppError`
   * (rate-limited, TOO_MANY_AT_ONCE) when all are taken.
   */
  take(owner: string): () => void {
    const taken = this.#taken.get(owner) ?? 0
    if (taken >= maxOfUser) throw tooMany()
    this.#taken.set(owner, taken + 1)
    return () => {
      const left = (this.#taken.get(owner) ?? 1) - 1
      if (left > 0) this.#taken.set(owner, left)
      else this.#taken.delete(owner)
    }
  }
}

function tooMany(): AppError {
  const message = `${maxOfUser} of your proofs are under way at this moment; wait for one of them`
  return new AppError('rate-limited', 'TOO_MANY_AT_ONCE', message, { retryAfterMs })
}
