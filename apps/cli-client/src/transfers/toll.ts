import { AppError, toAppError } from '@parley/errors'
import { visibleLine } from '@parley/words'
import type { Cli } from '../cli.ts'
import { exitCodes, failureOf } from '../exit-code.ts'

/** Keeps count of what became of several files, one after the other. */
export class Toll {
  readonly #done: string
  readonly #files: number
  readonly #skipped: number
  #handed = 0
  #failed = 0
  #cut = 0

  /** Of so many files, after some that an earlier run has dealt with; `done` is the word for success. */
  constructor(done: 'sent' | 'fetched', files: number, skipped = 0) {
    this.#done = done
    this.#files = files
    this.#skipped = skipped
  }

  /** The next one is dealt with, well or not. */
  handed(): void {
    this.#handed += 1
  }

  /** Counts one that failed; throws the error when there is no other, or when it concerns the others as well. */
  failed(error: unknown): void {
    // What it ends at may wait in the outbox: it is not sent.
    this.#cut += 1
    this.assertGoesOn(error)
    this.#cut -= 1
    this.#failed += 1
  }

  /** Throws an error after which the others need not be tried: a server that is away, a login that has ended. */
  assertGoesOn(error: unknown): void {
    if (this.#files === 1 || isOfAll(error)) throw error
  }

  /** An error that ended everything, with how far things were and how to go on. */
  cutShort(error: unknown): unknown {
    if (!isOfAll(error)) return error
    const { kind, reason, message } = toAppError(error)
    const done = `${this.#handed - this.#failed - this.#cut} of ${this.#files} were ${this.#done}`
    const far = this.#files === 1 ? '' : `; ${done}${this.#failures()}`
    const next = this.#skipped + this.#handed
    const isSkipping = this.#done === 'sent' && this.#files > 1 && next > 0
    const how = isSkipping ? `with --skip ${next} it` : 'the same command'
    // What waits in the outbox goes out by itself.
    const isOver = this.#handed === this.#files || (next === 0 && kind === 'unauthenticated')
    const words = isOver ? '' : `; ${how} goes on where this one stopped`
    return new AppError(kind, reason, `${message}${far}${words}`, { cause: error })
  }

  /** Throws (forbidden, SOME_FAILED) unless all went well. */
  assertAll(): void {
    if (this.#failed === 0) return
    const message = `${this.#failed} of ${this.#files} were not ${this.#done}`
    throw new AppError('forbidden', 'SOME_FAILED', message)
  }

  #failures(): string {
    return this.#failed > 0 ? `, ${this.#failed} failed` : ''
  }
}

function isOfAll(error: unknown): boolean {
  const isLoggedOut = error instanceof AppError && error.kind === 'unauthenticated'
  const { code } = failureOf(error)
  return isLoggedOut || (code !== exitCodes.refused && code !== exitCodes.usage)
}

/** Says of one of several files why it failed. */
export function sayFailed(cli: Cli, path: string, error: unknown): void {
  const { reason, message } = failureOf(error)
  if (cli.out.json) cli.out.result({ type: 'failed', path, reason, message }, '')
  else cli.out.note(`${visibleLine(path)}: ${reason}: ${message}`)
}
