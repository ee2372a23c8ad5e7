import { readFile, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '@parley/errors'
import { syncFolder, writeFileDurably } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { makeFolder } from '../make-folder.ts'

/** A bucket refuses requests that were signed more than a quarter of an hour ago: this is ample. */
const lifeMs = 24 * 3_600_000
const defaultMax = 10_000
const retryAfterMs = 5_000

/** Where unanswered deletes are kept, and how many. */
export interface UnansweredDeletesOptions {
  /** Undefined for who never deletes. */
  readonly folder?: string
  readonly scheduler: Scheduler
  readonly max?: number
}

/**
 * Objects of which a delete was begun and not answered, over restarts: it may still be carried out, so
 * nothing may be stored under their names for a day.
 */
export class UnansweredDeletes {
  readonly #folder: string | undefined
  readonly #scheduler: Scheduler
  readonly #max: number
  readonly #begunAtMs = new Map<string, number>()

  constructor({ folder, scheduler, max = defaultMax }: UnansweredDeletesOptions) {
    this.#folder = folder
    this.#scheduler = scheduler
    this.#max = max
  }

  /** Reads those that the folder names. */
  static async open(options: UnansweredDeletesOptions & { readonly folder: string }) {
    const deletes = new UnansweredDeletes(options)
    await makeFolder(options.folder)
    for (const name of await readdir(options.folder)) {
      const begunAtMs = Number(await readFile(path.join(options.folder, name), 'utf8'))
      // A draft that a kill has left is of a delete that was not sent.
      if (name.endsWith('.draft')) await deletes.#forget(name)
      else deletes.#begunAtMs.set(name, begunAtMs)
    }
    await deletes.#forgetOld()
    return deletes
  }

  /** Whether a delete of this object may still be carried out. */
  has(name: string): boolean {
    const begunAtMs = this.#begunAtMs.get(name)
    return begunAtMs !== undefined && this.#scheduler.now() - begunAtMs < lifeMs
  }

  /**
   * To be called before a delete is sent: on disk when this resolves. False when an earlier one has no
   * answer yet. Throws `AppError` (unavailable, BUCKET_UNAVAILABLE) when there are too many.
   */
  async begin(name: string): Promise<boolean> {
    const isFirst = !this.has(name)
    if (this.#begunAtMs.size >= this.#max) await this.#forgetOld()
    if (isFirst && this.#begunAtMs.size >= this.#max) {
      const message = 'the bucket has left too many deletes without an answer'
      throw new AppError('unavailable', 'BUCKET_UNAVAILABLE', message, { retryAfterMs })
    }
    const nowMs = this.#scheduler.now()
    if (this.#folder !== undefined)
      await writeFileDurably(path.join(this.#folder, name), `${nowMs}`)
    this.#begunAtMs.set(name, nowMs)
    return isFirst
  }

  /**
   * The only delete of this object is done, or refused: nothing of it comes later. On disk when this resolves, for a
   * name that came back with a power cut would hide for a day what is stored under it meanwhile.
   */
  async answered(name: string): Promise<void> {
    await this.#removeFile(name)
    if (this.#folder !== undefined) await syncFolder(this.#folder)
    this.#begunAtMs.delete(name)
  }

  async #forgetOld(): Promise<void> {
    for (const name of this.#begunAtMs.keys()) if (!this.has(name)) await this.#forget(name)
  }

  // Should it come back with a power cut, it is as old, or as unfinished, as it was.
  async #forget(name: string): Promise<void> {
    await this.#removeFile(name)
    this.#begunAtMs.delete(name)
  }

  async #removeFile(name: string): Promise<void> {
    if (this.#folder !== undefined) await rm(path.join(this.#folder, name), { force: true })
  }
}
