import type { ChatClient } from '@parley/client'
import { systemScheduler } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'

// Others need to know that somebody writes, not every key.
const repeatAfterMs = 3_000

/** Tells the others that a message is being written, at most once in 3 s, and when it is not any more. */
export class TypingSign {
  readonly #client: Pick<ChatClient, 'typing'>
  readonly #scheduler: Pick<Scheduler, 'monotonic'>
  #told: { readonly conversationId: string; readonly atMs: number } | undefined

  constructor(
    client: Pick<ChatClient, 'typing'>,
    scheduler: Pick<Scheduler, 'monotonic'> = systemScheduler,
  ) {
    this.#client = client
    this.#scheduler = scheduler
  }

  /** The line as it is now; commands are nobody's business. */
  typed(conversationId: string | undefined, line: string): void {
    if (line === '' || line.startsWith('/')) return this.sent()
    if (conversationId === undefined) return
    const nowMs = this.#scheduler.monotonic()
    const told = this.#told?.conversationId === conversationId ? this.#told : undefined
    if (told && nowMs - told.atMs < repeatAfterMs) return
    this.#told = { conversationId, atMs: nowMs }
    this.#client.typing(conversationId, true)
  }

  /** The line was sent or given up. */
  sent(): void {
    if (!this.#told) return
    this.#client.typing(this.#told.conversationId, false)
    this.#told = undefined
  }
}
