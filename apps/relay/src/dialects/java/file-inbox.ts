import type { Scheduler, Timer } from '@parley/service-kit'
import type { ByteSink } from './java-serialisation/object-stream.ts'

/** The longest file from a Java client. */
export const maxFileBytes = 8 * 1024 * 1024
/** Files of all Java clients of a relay that come or are on their way to where files are stored. */
export const maxFiles = 4
/** How long a file may take to come. */
export const maxComingMs = 60_000

/** Room for the files of all Java clients of a relay: each is in memory while it is here. */
export class FilePlaces {
  #taken = 0

  /** Takes a place, and says how it is given back, once; undefined when there is none. */
  take(): (() => void) | undefined {
    if (this.#taken >= maxFiles) return undefined
    this.#taken += 1
    return () => void (this.#taken -= 1)
  }
}

/** What came with an object: a file, to be let go when it is dealt with, or why it is not here. */
export type Arrived =
  { readonly bytes: Buffer<ArrayBuffer>; readonly letGo: () => void } | { readonly whyNot: string }

interface Coming {
  readonly bytes: Buffer<ArrayBuffer>
  readonly letGo: () => void
  readonly late: Timer
}

const notHere = { whyNot: 'its bytes came with an earlier object: send them with a new object' }

/** The file that one client sends, while it comes. */
export class FileInbox {
  readonly #places: FilePlaces
  readonly #scheduler: Scheduler
  readonly #onLate: (why: string) => void
  #coming: Coming | undefined
  #whyNot: string | undefined

  constructor(places: FilePlaces, scheduler: Scheduler, onLate: (why: string) => void) {
    this.#places = places
    this.#scheduler = scheduler
    this.#onLate = onLate
  }

  /** Takes in a file of that length; undefined when it cannot be kept. */
  begin(lengthBytes: number): ByteSink | undefined {
    this.close()
    const letGo = lengthBytes > maxFileBytes ? undefined : this.#places.take()
    this.#whyNot = letGo === undefined ? whyNot(lengthBytes) : undefined
    if (letGo === undefined) return undefined
    const bytes = Buffer.alloc(lengthBytes)
    const late = this.#scheduler.setTimer(maxComingMs, () => this.#isLate())
    this.#coming = { bytes, letGo, late }
    let at = 0
    return { write: (piece) => void (at += piece.copy(bytes, at)) }
  }

  /** What came with the object that has just been read. */
  arrived(): Arrived {
    const coming = this.#coming
    const why = this.#whyNot
    this.#coming = undefined
    this.#whyNot = undefined
    coming?.late.cancel()
    return coming ?? (why === undefined ? notHere : { whyNot: why })
  }

  /** Lets go what has not arrived. */
  close(): void {
    const arrived = this.arrived()
    if ('letGo' in arrived) arrived.letGo()
  }

  #isLate(): void {
    this.close()
    this.#onLate(`a file has to come within ${maxComingMs / 1_000} s`)
  }
}

function whyNot(lengthBytes: number): string {
  if (lengthBytes <= maxFileBytes) return 'too many files at once, try again'
  return `a file from this client has at most ${maxFileBytes / 1024 / 1024} MiB`
}
