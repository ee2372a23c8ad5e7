import type { TransferProgress } from '@parley/client'

/** How far several transfers are, and all of them together. */
export interface TallyView extends TransferProgress {
  readonly files: number
  readonly filesDone: number
  readonly active: readonly (TransferProgress & { readonly name: string })[]
}

/** Adds up transfers of which some go on at once. */
export class Tally {
  readonly #files: number
  readonly #active = new Map<object, TransferProgress & { readonly name: string }>()
  readonly #totalBytes: number
  #filesDone = 0
  #doneBytes = 0

  /** So many files of so many bytes are to be moved. */
  constructor(files: number, totalBytes: number) {
    this.#files = files
    this.#totalBytes = totalBytes
  }

  /** A transfer is so far; `key` tells it from others of the same name. */
  moved(key: object, name: string, progress: TransferProgress): void {
    this.#active.set(key, { ...progress, name })
  }

  /** A transfer of so many bytes is over, whether or not it did what it should. */
  ended(key: object, sizeBytes: number): void {
    this.#active.delete(key)
    this.#filesDone += 1
    this.#doneBytes += sizeBytes
  }

  view(): TallyView {
    const active = [...this.#active.values()]
    const sum = (of: (one: TransferProgress) => number) =>
      active.reduce((all, one) => all + of(one), 0)
    const doneBytes = this.#doneBytes + sum((one) => one.doneBytes)
    const totalBytes = Math.max(this.#totalBytes, doneBytes)
    const ratePerSecond = sum((one) => one.ratePerSecond)
    const leftMs = ((totalBytes - doneBytes) / ratePerSecond) * 1_000
    const remainingMs = ratePerSecond > 0 ? leftMs : undefined
    const [files, filesDone] = [this.#files, this.#filesDone]
    return { files, filesDone, active, doneBytes, totalBytes, ratePerSecond, remainingMs }
  }
}
