import type { ChatClient, Target } from '@parley/client'
import { isAppError } from '@parley/errors'
import type { History, SendRecord } from './history.ts'

/** Somebody who goes on sending numbered messages to one place and notes every answer. */
export class Talker {
  /** Answers so far. */
  answered = 0
  /** Milliseconds from each send to its answer. */
  readonly latencies: number[] = []
  readonly #history: History
  readonly #client: ChatClient
  readonly #target: Target
  readonly #name: string
  #count = 0

  constructor(history: History, client: ChatClient, target: Target, name: string) {
    this.#history = history
    this.#client = client
    this.#target = target
    this.#name = name
  }

  /** Sends the next message and resolves when it is accepted or refused. */
  async say(padding = ''): Promise<SendRecord> {
    this.#count += 1
    const body = `${this.#name} ${this.#count}${padding}`
    const messageId = this.#history.newMessageId()
    const known = 'conversationId' in this.#target ? this.#target.conversationId : ''
    const senderId = this.#client.login.userId
    const record = this.#history.invoke({ senderId, messageId, conversationId: known, body })
    const startedMs = performance.now()
    await this.#send(record)
    this.latencies.push(performance.now() - startedMs)
    this.answered += 1
    return record
  }

  /** Keeps so many messages under way until the signal aborts, then waits for their answers. */
  async talk(inFlight: number, signal: AbortSignal): Promise<void> {
    const line = async () => {
      while (!signal.aborted) await this.say()
    }
    await Promise.all(Array.from({ length: inFlight }, line))
  }

  async #send(record: SendRecord): Promise<void> {
    const { messageId, body } = record
    const content = { content: { $case: 'text', value: { text: body } } } as const
    try {
      const result = await this.#client.send(this.#target, content, { messageId })
      const at = this.#history.tick()
      if (result.state === 'queued') return
      const { seq, duplicate } = result
      record.conversationId = result.conversationId
      record.answers.push({ type: 'accepted', seq, duplicate, at })
    } catch (error) {
      const reason = isAppError(error) ? error.reason : String(error)
      record.answers.push({ type: 'refused', reason, at: this.#history.tick() })
    }
  }
}
