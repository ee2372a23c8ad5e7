import { AppError } from '@parley/errors'

/** The parts of a grpc-js stream, of either side, that a writer uses. */
export interface WritableCall<T> {
  write(message: T): boolean
  end(): unknown
  on(event: 'drain' | 'close' | 'error' | 'cancelled', listener: () => void): unknown
}

/** Bounds of a `StreamWriter`. */
export interface StreamWriterOptions {
  /** Messages held back while the stream takes none; 256 unless told. */
  readonly maxQueued?: number
}

interface Waiter {
  readonly go: () => void
  readonly fail: (error: Error) => void
}

/**
 * Writes to a stream no faster than the other side reads. grpc-js buffers without bound when
 * `write()` answers false and is called again (grpc-node #1332); this stops instead.
 */
export class StreamWriter<T> {
  readonly #stream: WritableCall<T | Buffer>
  readonly #maxQueued: number
  readonly #queue: (T | Buffer)[] = []
  #waiters: Waiter[] = []
  #blocked = false
  #ending = false
  #ended = false

  constructor(stream: WritableCall<T | Buffer>, options: StreamWriterOptions = {}) {
    this.#stream = stream
    this.#maxQueued = options.maxQueued ?? 256
    stream.on('drain', () => this.#unblock())
    for (const end of ['close', 'error', 'cancelled'] as const) stream.on(end, () => this.#end())
  }

  /** True while the stream takes messages at once. */
  get ready(): boolean {
    return !this.#blocked && !this.#ending && !this.#ended
  }

  /** Messages held back. */
  get queued(): number {
    return this.#queue.length
  }

  /** Takes a message if there is room; false means it was not taken and will not be sent. */
  offer(message: T | Buffer): boolean {
    if (this.#ending || this.#ended) return false
    if (!this.#blocked) {
      this.#blocked = !this.#stream.write(message)
      return true
    }
    if (this.#queue.length >= this.#maxQueued) return false
    this.#queue.push(message)
    return true
  }

  /** Takes a message as soon as there is room; rejects with `AppError` (cancelled) once the stream has ended. */
  async write(message: T | Buffer): Promise<void> {
    while (!this.offer(message)) {
      if (this.#ending) throw ended()
      await this.drained()
    }
  }

  /** Takes no more, sends what is held back as the other side reads, then ends the stream. */
  async end(): Promise<void> {
    this.#ending = true
    await this.drained()
    this.#stream.end()
  }

  /** Resolves when nothing is held back; rejects with `AppError` (cancelled) once the stream has ended. */
  drained(): Promise<void> {
    if (this.#ended) return Promise.reject(ended())
    if (!this.#blocked) return Promise.resolve()
    return new Promise((go, fail) => {
      this.#waiters.push({ go, fail })
    })
  }

  #unblock(): void {
    this.#blocked = false
    while (!this.#blocked && this.#queue.length > 0) {
      const message = this.#queue.shift()
      if (message !== undefined) this.#blocked = !this.#stream.write(message)
    }
    if (!this.#blocked) for (const waiter of this.#takeWaiters()) waiter.go()
  }

  #end(): void {
    this.#ended = true
    this.#queue.length = 0
    for (const waiter of this.#takeWaiters()) waiter.fail(ended())
  }

  #takeWaiters(): Waiter[] {
    const waiters = this.#waiters
    this.#waiters = []
    return waiters
  }
}

function ended(): AppError {
  return new AppError('cancelled', 'STREAM_ENDED', 'the stream has ended')
}
