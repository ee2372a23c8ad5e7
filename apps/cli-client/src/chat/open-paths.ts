import type { ChatClient } from '@parley/client'
import { isAppError } from '@parley/errors'

/** Keeps the paths without the server where the user is: in the conversation that is open, if it is one of two. */
export class OpenPaths {
  readonly #client: Pick<ChatClient, 'direct'>
  #on: string | undefined

  constructor(client: Pick<ChatClient, 'direct'>) {
    this.#client = client
  }

  /** This conversation is open; it may not be known here yet, and is then followed by a later call. */
  follow(conversationId: string | undefined): void {
    if (conversationId === this.#on) return
    if (this.#on !== undefined) this.#client.direct(this.#on, false)
    this.#on = undefined
    if (conversationId === undefined) return
    try {
      this.#client.direct(conversationId, true)
      this.#on = conversationId
    } catch (error) {
      // A group has no such paths, and what is to come from the server may tell that it is none.
      if (!isAppError(error) || error.reason !== 'NOT_DIRECT') throw error
    }
  }
}
