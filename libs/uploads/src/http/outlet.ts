import type { ServerResponse } from 'node:http'
import { AppError } from '@parley/errors'

/** The body of an answer on its way out, one piece at a time. */
export class Outlet {
  readonly #response: ServerResponse
  #wake: (() => void) | undefined

  constructor(response: ServerResponse) {
    this.#response = response
    response.on('close', this.#onClose)
  }

  /**
   * Sends a piece; resolves when it has left this process, so that its memory may be used again.
   * Throws `AppError` (cancelled) when the client goes before.
   */
  async send(piece: Uint8Array, isLast: boolean): Promise<void> {
    const response = this.#response
    let isSent = false
    if (response.destroyed) throw gone()
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      const done = (error?: Error | null) => {
        isSent = !error
        resolve()
      }
      if (isLast) response.end(piece, done)
      else response.write(piece, done)
    })
    this.#wake = undefined
    if (!isSent) throw gone()
  }

  release(): void {
    this.#response.off('close', this.#onClose)
  }

  readonly #onClose = () => this.#wake?.()
}

function gone(): AppError {
  return new AppError('cancelled', 'CLIENT_GONE', 'the client went away')
}
