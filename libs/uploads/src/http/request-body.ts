import type { IncomingMessage } from 'node:http'
import { AppError } from '@parley/errors'
import type { Exchange } from './exchange.ts'
import { watchPace } from './pace.ts'
import type { TransferPace } from './pace.ts'
import { countDropped } from './young-garbage.ts'

// Two reads: what waits here outlives the collection of young objects, and then costs a large one.
const maxQueuedBytes = 128 * 1024

/**
 * The body of a request as it arrives; ends with an `AppError` when the client goes, is too slow or
 * the server stops. It asks a client that waits for `100 Continue` to go on. What is not read stays
 * on the socket, so that an answer can still be sent.
 */
export async function* requestBody(exchange: Exchange): AsyncGenerator<Buffer> {
  const { request, response, signal, scheduler, pace } = exchange
  const inlet = new Inlet(request)
  const watch = watchPace(scheduler, pace, {
    movedBytes: () => inlet.movedBytes,
    waitsForPeer: () => inlet.isWaiting,
    onTooSlow: () => inlet.cut(tooSlow(pace)),
  })
  const onAbort = () => inlet.cut(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  else if (exchange.expectsContinue) response.writeContinue()
  try {
    for (;;) {
      const chunk = await inlet.next()
      if (!chunk) return
      yield chunk
      countDropped(chunk.length)
    }
  } finally {
    watch.stop()
    signal.removeEventListener('abort', onAbort)
    inlet.release()
  }
}

/** The data events of a request as a queue that stops the client when it is full. */
class Inlet {
  movedBytes = 0
  readonly #request: IncomingMessage
  readonly #queue: Buffer[] = []
  #queuedBytes = 0
  #isOver = false
  #failure: Error | undefined
  #wake: (() => void) | undefined

  constructor(request: IncomingMessage) {
    this.#request = request
    request.on('data', this.#onData)
    request.on('end', this.#onEnd)
    request.on('close', this.#onEnd)
    request.on('error', this.#onError)
  }

  /** True while the next bytes must come from the client. */
  get isWaiting(): boolean {
    return this.#wake !== undefined
  }

  /** The next bytes, undefined at the end of the body. */
  async next(): Promise<Buffer | undefined> {
    while (this.#queue.length === 0) {
      if (this.#failure) throw this.#failure
      if (this.#isOver) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    const chunk = this.#queue.shift()
    this.#queuedBytes -= chunk?.length ?? 0
    if (this.#queuedBytes < maxQueuedBytes && this.#request.isPaused()) this.#request.resume()
    return chunk
  }

  /** Ends the body here; what is queued is still read. */
  cut(reason: unknown): void {
    this.#failure ??= reason instanceof AppError ? reason : gone(reason)
    this.#wake?.()
  }

  release(): void {
    this.#request.off('data', this.#onData)
    this.#request.off('end', this.#onEnd)
    this.#request.off('close', this.#onEnd)
    this.#request.off('error', this.#onError)
  }

  readonly #onData = (chunk: Buffer) => {
    this.movedBytes += chunk.length
    this.#queuedBytes += chunk.length
    this.#queue.push(chunk)
    if (this.#queuedBytes >= maxQueuedBytes) this.#request.pause()
    this.#wake?.()
  }

  readonly #onEnd = () => {
    if (this.#request.complete) this.#isOver = true
    else this.#failure ??= gone()
    this.#wake?.()
  }

  readonly #onError = (error: Error) => this.cut(error)
}

function gone(cause?: unknown): AppError {
  return new AppError('cancelled', 'CLIENT_GONE', 'the client went away', { cause })
}

function tooSlow({ minBytes, windowMs }: TransferPace): AppError {
  const message = `less than ${minBytes / 1024} KiB came in ${windowMs / 1000} seconds`
  return new AppError('deadline', 'TOO_SLOW', message)
}
