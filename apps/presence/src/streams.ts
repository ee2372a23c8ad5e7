import { AppError } from '@parley/errors'
import type { Lease } from './domain/session.ts'

/** One open stream of reports, as its handler sees it. */
export interface OpenStream {
  /** Aborts, with the `AppError` to answer, when the stream must end. */
  readonly signal: AbortSignal
  /** Call with each report: whose it is and when it came. */
  heard(lease: Lease, nowMs: number): void
  /** Call when the stream is over. */
  close(): void
}

interface Entry {
  readonly controller: AbortController
  heardAtMs: number
  lease: Lease | undefined
}

/** The streams of reports that are open: bounded, one per lease, none silent for longer than a lease. */
export class Streams {
  readonly #open = new Set<Entry>()
  readonly #maxStreams: number
  readonly #silenceMs: number

  constructor(maxStreams: number, silenceMs: number) {
    this.#maxStreams = maxStreams
    this.#silenceMs = silenceMs
  }

  /** Streams open now. */
  get size(): number {
    return this.#open.size
  }

  /** Admits a stream; throws `AppError` (exhausted, TOO_MANY_STREAMS). */
  open(nowMs: number): OpenStream {
    if (this.#open.size >= this.#maxStreams) {
      const message = `at most ${this.#maxStreams} streams of reports may be open`
      throw new AppError('exhausted', 'TOO_MANY_STREAMS', message)
    }
    const entry: Entry = { controller: new AbortController(), heardAtMs: nowMs, lease: undefined }
    this.#open.add(entry)
    return {
      signal: entry.controller.signal,
      heard: (lease, atMs) => this.#heard(entry, lease, atMs),
      close: () => void this.#open.delete(entry),
    }
  }

  /** Ends the streams that have been silent for longer than a lease. */
  endSilent(nowMs: number): void {
    const message = 'no report came in time: open another stream and begin with a snapshot'
    for (const entry of this.#open) {
      if (entry.heardAtMs + this.#silenceMs > nowMs) continue
      entry.controller.abort(new AppError('precondition', 'LEASE_EXPIRED', message))
    }
  }

  /** Nobody could be heard for that long. */
  excuse(deafMs: number): void {
    for (const entry of this.#open) entry.heardAtMs += deafMs
  }

  /** Ends every stream because the process stops. */
  endAll(): void {
    const why = new AppError('unavailable', 'SHUTTING_DOWN', 'presence is stopping')
    for (const entry of this.#open) entry.controller.abort(why)
  }

  #heard(entry: Entry, lease: Lease, nowMs: number): void {
    entry.heardAtMs = nowMs
    if (entry.lease === lease) return
    entry.lease = lease
    const message = 'the relay has opened a newer stream'
    for (const other of this.#open) {
      if (other === entry || other.lease !== lease) continue
      other.controller.abort(new AppError('conflict', 'STREAM_REPLACED', message))
    }
  }
}
