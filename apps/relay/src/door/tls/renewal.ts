import type { SecureContextOptions } from 'node:tls'
import type { Scheduler, Timer } from '@parley/service-kit'
import { contextOptions, isSame, readMaterial } from './material.ts'
import type { TlsFiles, TlsMaterial } from './material.ts'

/** How often the files are looked at. */
const lookEveryMs = 30_000

/** Hears what became of new files. */
export interface RenewalEvents {
  tlsRenewed(): void
  /** The files have changed and cannot be used; the earlier ones are. */
  tlsNotRenewed(error: unknown): void
}

/** What a renewal is made of. */
export interface RenewalParts {
  readonly files: TlsFiles
  /** What was in them when they were first read. */
  readonly used: TlsMaterial
  readonly scheduler: Scheduler
  readonly take: (options: SecureContextOptions) => void
  readonly events: RenewalEvents
}

/**
 * Looks at the files from time to time and hands on what is new. Files that do not fit together, as
 * when one has been replaced and the other not yet, change nothing, and are told of once.
 */
export class Renewal {
  readonly #files: TlsFiles
  readonly #take: (options: SecureContextOptions) => void
  readonly #events: RenewalEvents
  readonly #timer: Timer
  #seen: TlsMaterial
  #lastFailure = ''
  #isLooking = false

  constructor({ files, used, scheduler, take, events }: RenewalParts) {
    this.#files = files
    this.#seen = used
    this.#take = take
    this.#events = events
    this.#timer = scheduler.every(lookEveryMs, () => void this.#look())
  }

  /** Looks no more. */
  close(): void {
    this.#timer.cancel()
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    try {
      this.#found(await readMaterial(this.#files))
    } catch (error) {
      if (String(error) !== this.#lastFailure) this.#events.tlsNotRenewed(error)
      this.#lastFailure = String(error)
    } finally {
      this.#isLooking = false
    }
  }

  #found(material: TlsMaterial): void {
    this.#lastFailure = ''
    if (isSame(material, this.#seen)) return
    this.#seen = material
    this.#take(contextOptions(material))
    this.#events.tlsRenewed()
  }
}
