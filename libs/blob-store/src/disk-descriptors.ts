import fs from 'node:fs'
import { promisify } from 'node:util'

const closeFile = promisify(fs.close)
const openFile = promisify(fs.open)
const maxIdle = 256

/** A file held open for reading. */
export interface HeldFile {
  readonly fd: number
  readonly sizeBytes: number
  /** Lets go of it; to be called once. */
  release(): Promise<void>
}

interface Entry {
  readonly key: string
  readonly fd: number
  readers: number
  /** Nobody may take it any more: it is closed after its last reader. */
  isForgotten: boolean
}

/**
 * Files that are read again and again without being opened each time: at most 256 that nobody
 * reads stay open, those read last.
 */
export class DiskDescriptors {
  // In the order of their last use.
  readonly #entries = new Map<string, Entry>()
  #idle = 0

  /** Opens a file, or answers undefined when there is none. */
  async take(key: string, path: string): Promise<HeldFile | undefined> {
    const known = this.#entries.get(key)
    if (known) {
      // Who took it away behind our back left a file without a name.
      const { nlink, size } = fs.fstatSync(known.fd)
      if (nlink > 0) return this.#hold(known, size)
      this.forget(key)
    }
    const fd = await openFile(path, 'r').catch(undefinedIfMissing)
    if (fd === undefined) return undefined
    const entry = { key, fd, readers: 0, isForgotten: this.#entries.has(key) }
    this.#idle += 1
    if (!entry.isForgotten) this.#entries.set(key, entry)
    return this.#hold(entry, fs.fstatSync(fd).size)
  }

  /** Opens the file anew for whoever comes next: it is gone or another. */
  forget(key: string): void {
    const entry = this.#entries.get(key)
    if (!entry) return
    this.#entries.delete(key)
    entry.isForgotten = true
    if (entry.readers > 0) return
    this.#idle -= 1
    fs.close(entry.fd)
  }

  /** Closes all that nobody reads. */
  closeIdle(): void {
    for (const { key, readers } of this.#entries.values()) {
      if (readers === 0) this.forget(key)
    }
  }

  #hold(entry: Entry, sizeBytes: number): HeldFile {
    if (entry.readers === 0) this.#idle -= 1
    entry.readers += 1
    if (!entry.isForgotten) {
      this.#entries.delete(entry.key)
      this.#entries.set(entry.key, entry)
    }
    return { fd: entry.fd, sizeBytes, release: () => this.#release(entry) }
  }

  async #release(entry: Entry): Promise<void> {
    entry.readers -= 1
    if (entry.readers > 0) return
    if (entry.isForgotten) return closeFile(entry.fd)
    this.#idle += 1
    if (this.#idle > maxIdle) this.#closeOldest()
  }

  #closeOldest(): void {
    for (const { key, readers } of this.#entries.values()) {
      if (readers === 0) return this.forget(key)
    }
  }
}

function undefinedIfMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}
