import type { Channel } from '@parley/direct'
import { AppError } from '@parley/errors'
import type { Scheduler, Timer } from '@parley/service-kit'
import { KeyedRate, within } from '@parley/service-kit'
import { encodeLanMessage, parseLanMessage } from './lan-message.ts'
import type { LanMessage } from './lan-message.ts'
import type { RecentIds } from './recent-ids.ts'
import { idOf } from './peers.ts'
import type { NamedKey } from './standing.ts'

/** A message as it was said. */
export type SaidMessage = Extract<LanMessage, { type: 'say' }>

/** What a talk needs. */
export interface TalkOptions {
  readonly channel: Channel
  /** The name that came with the proven key. */
  readonly who: NamedKey
  readonly scheduler: Scheduler
  /** Messages that were shown already are not told again. */
  readonly shown: RecentIds
  /** Shows a message; the sender is told when this resolves. */
  readonly show: (message: SaidMessage, who: NamedKey) => Promise<void>
}

const answerLimitMs = 10_000
const maxUnanswered = 64
const saidPerTalk = { perSecond: 20, burst: 100 }
const idleLimitMs = 300_000

/** Messages with one other client, each answered when it was shown. */
export class Talk {
  readonly who: NamedKey
  readonly #options: TalkOptions
  readonly #unanswered = new Map<string, () => void>()
  readonly #rate = new KeyedRate<string>(saidPerTalk, 1)
  #idle: Timer | undefined

  constructor(options: TalkOptions) {
    this.#options = options
    this.who = options.who
    const { channel } = options
    void channel.ended.then(() => this.#idle?.cancel())
    this.#touch()
    channel.onMessage((bytes) => this.#take(bytes))
  }

  /** False when another has to be opened. */
  get isOpen(): boolean {
    return this.#options.channel.isOpen
  }

  /** Resolves when the message was shown; throws `AppError` (deadline, TIMED_OUT), (unavailable, PEER_GONE), (exhausted, TOO_MANY_UNANSWERED). */
  async say(message: SaidMessage): Promise<void> {
    const { channel, scheduler } = this.#options
    if (this.#unanswered.size >= maxUnanswered) {
      throw new AppError('exhausted', 'TOO_MANY_UNANSWERED', 'the other side does not answer')
    }
    const shown = new Promise<void>((resolve) => this.#unanswered.set(message.messageId, resolve))
    const gone = channel.ended.then((cause) => {
      throw new AppError('unavailable', 'PEER_GONE', 'the other side is gone', { cause })
    })
    try {
      this.#touch()
      channel.send(encodeLanMessage(message))
      await within(scheduler, answerLimitMs, 'the answer', Promise.race([shown, gone]))
    } finally {
      this.#unanswered.delete(message.messageId)
      gone.catch(() => undefined)
    }
  }

  /** Ends it with a goodbye. */
  close(): Promise<void> {
    return this.#options.channel.close()
  }

  #take(bytes: Uint8Array): void {
    this.#touch()
    const message = parseLanMessage(bytes)
    // Who speaks something else is a later version, or means harm.
    if (!message) return void this.close()
    if (message.type === 'shown') return this.#answered(message.messageId)
    // What is shown slowly, or said faster than people talk, waits at its sender.
    this.#options.channel.pause()
    void this.#show(message).catch(() => this.close())
  }

  // Answers to nothing come late once in a while, or from who means to keep this client busy.
  #answered(messageId: string): void {
    const answered = this.#unanswered.get(messageId)
    if (answered) return answered()
    if (this.#rate.take('said', this.#options.scheduler.monotonic()) > 0) void this.close()
  }

  async #show(message: SaidMessage): Promise<void> {
    const { shown, show, channel } = this.#options
    const { messageId } = message
    if (shown.add(`${idOf(this.who.publicKey)} ${messageId}`)) await show(message, this.who)
    if (channel.isOpen) channel.send(encodeLanMessage({ type: 'shown', messageId }))
    this.#goOn()
  }

  #goOn(): void {
    const { channel, scheduler } = this.#options
    const waitMs = this.#rate.take('said', scheduler.monotonic())
    if (waitMs === 0) channel.resume()
    else if (channel.isOpen) scheduler.setTimer(waitMs, () => this.#goOn())
  }

  #touch(): void {
    this.#idle?.cancel()
    if (!this.isOpen) return
    this.#idle = this.#options.scheduler.setTimer(idleLimitMs, () => void this.close())
  }
}
