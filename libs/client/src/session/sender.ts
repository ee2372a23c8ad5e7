import { toAppError } from '@parley/errors'
import type { AppError } from '@parley/errors'
import { chat } from '@parley/proto'
import type { Scheduler, Timer } from '@parley/service-kit'
import type { SendResult } from '../api.ts'
import { idText } from '../ids.ts'
import type { OutboxRow } from '../state/local-state.ts'
import { Lane } from './lane.ts'
import type { OutboxClaims } from './outbox-claims.ts'
import { messageKey } from './send-item.ts'
import type { FreshSend, SendItem } from './send-item.ts'
import type { ChatStream } from './stream.ts'

/** What sending needs. */
export interface SenderOptions {
  readonly claims: OutboxClaims
  readonly scheduler: Scheduler
  readonly stream: () => ChatStream | undefined
  readonly laneKey: (send: chat.Send) => string
  /** A message of this client is in the outbox. */
  readonly enqueued: (send: chat.Send) => void
  /** A message has had no answer for 15 s although the stream lives. */
  readonly stuck: () => void
  /** Nothing waits any more. */
  readonly idle: () => void
}

/** The most messages without an answer; the rest waits in the outbox. */
const maxInFlight = 64

const answerLimitMs = 15_000
const minRetryMs = 20
const maxRetryMs = 10_000

/** Sends what the outbox holds, in order per conversation, until each message is answered. */
export class Sender {
  readonly #options: SenderOptions
  readonly #items = new Map<string, SendItem>()
  readonly #inFlight = new Map<string, SendItem>()
  readonly #lanes = new Map<string, Lane<SendItem>>()
  #fresh: FreshSend[] = []
  #window = maxInFlight
  #pausedUntilMs = 0
  #wakeTimer: Timer | undefined
  #answerTimer: Timer | undefined

  constructor(options: SenderOptions) {
    this.#options = options
  }

  /** Messages that have no answer yet. */
  get size(): number {
    return this.#items.size + this.#fresh.length
  }

  get inFlight(): number {
    return this.#inFlight.size
  }

  /** Whether a message under this key of a lane has no answer yet. */
  isSendingTo(laneKey: string): boolean {
    return this.#lanes.has(laneKey)
  }

  /** Takes a message in: stored with all others of this turn, then sent. */
  add(fresh: FreshSend): void {
    this.#fresh.push(fresh)
    if (this.#fresh.length === 1) this.#options.scheduler.soon(() => this.storeFresh())
  }

  /** Stores what was handed in and not stored yet. */
  storeFresh(): void {
    const fresh = this.#fresh
    this.#fresh = []
    if (fresh.length === 0) return
    try {
      this.#enqueue(fresh)
    } catch (error) {
      for (const one of fresh) one.settle(toAppError(error))
      return
    }
    this.pump()
  }

  /** A stream is there: takes over what nobody sends and sends everything that waits. */
  up(window: number): void {
    this.#window = Math.max(1, Math.min(maxInFlight, window || maxInFlight))
    this.#pausedUntilMs = 0
    this.takeOver()
    this.pump()
  }

  /** Adds what earlier or other processes have left in the outbox. */
  takeOver(): void {
    for (const row of this.#options.claims.take()) this.#adopt(row, chat.Send.decode(row.command))
  }

  /** The stream is gone: everything waits again. */
  down(): void {
    this.#inFlight.clear()
    for (const lane of this.#lanes.values()) lane.down()
    this.#wakeTimer?.cancel()
    this.#answerTimer?.cancel()
    this.#wakeTimer = undefined
    this.#answerTimer = undefined
  }

  /** The server reads nothing for so long. */
  throttle(pauseMs: number): void {
    this.#pausedUntilMs = this.#now() + pauseMs
    this.#wake(pauseMs)
  }

  /** The message was answered for good; undefined when it is none of this client's. */
  settled(clientMessageId: Buffer): SendItem | undefined {
    const key = messageKey(clientMessageId)
    const item = this.#items.get(key)
    if (!item) return undefined
    this.#items.delete(key)
    this.#inFlight.delete(key)
    const lane = this.#lanes.get(item.laneKey)
    lane?.settle(item)
    if (lane?.isEmpty) this.#lanes.delete(item.laneKey)
    return item
  }

  /** The message must go again, after `waitMs` at the earliest. */
  again(clientMessageId: Buffer, waitMs: number): void {
    const key = messageKey(clientMessageId)
    const item = this.#inFlight.get(key)
    if (!item) return
    this.#inFlight.delete(key)
    const boundedMs = Math.min(maxRetryMs, Math.max(minRetryMs, waitMs))
    this.#lanes.get(item.laneKey)?.giveBack(item, this.#now(), boundedMs)
    this.#wake(boundedMs)
  }

  /** Tells those who would rather not wait that their message is queued. */
  giveUpWaiting(): void {
    for (const item of this.#items.values()) if (item.mayQueue) answerQueued(item)
  }

  /** Tells everybody who waits, and forgets everything; the messages stay in the outbox. */
  end(result: (messageId: string) => SendResult | AppError): void {
    this.storeFresh()
    this.down()
    const items = [...this.#items.values()]
    this.#items.clear()
    this.#lanes.clear()
    for (const item of items) item.settle?.(result(item.messageId))
    this.#options.idle()
  }

  /** Sends as much as may be with the server at once, one message of each conversation in turn. */
  pump(): void {
    const stream = this.#options.stream()
    const nowMs = this.#now()
    if (!stream || nowMs < this.#pausedUntilMs) return
    // A lane that has sent goes to the end of the map, where this loop meets it again.
    for (const [key, lane] of this.#lanes) {
      if (this.#inFlight.size >= this.#window) break
      const item = lane.send(nowMs)
      if (!item) continue
      this.#lanes.delete(key)
      this.#lanes.set(key, lane)
      this.#send(stream, item, nowMs)
    }
    this.#watchAnswers()
  }

  #send(stream: ChatStream, item: SendItem, nowMs: number): void {
    item.sentAtMs = nowMs
    this.#inFlight.set(messageKey(item.send.clientMessageId), item)
    stream.pushSend(item.command)
  }

  #enqueue(fresh: readonly FreshSend[]): void {
    const createdAtMs = this.#options.scheduler.now()
    const messages = fresh.map(({ send, command }) => ({
      messageId: idText(send.clientMessageId),
      command,
      createdAtMs,
    }))
    const rows = this.#options.claims.enqueue(messages)
    for (const [index, row] of rows.entries()) {
      const one = fresh[index]
      if (!one) continue
      this.#adopt(row, one.send, one)
      this.#options.enqueued(one.send)
    }
  }

  #adopt(row: OutboxRow, send: chat.Send, fresh?: FreshSend): void {
    const key = messageKey(send.clientMessageId)
    if (this.#items.has(key)) return
    const { messageId, position, command } = row
    const laneKey = this.#options.laneKey(send)
    const { mayQueue = false, settle } = fresh ?? {}
    const item = { messageId, position, command, send, laneKey, mayQueue, settle, sentAtMs: 0 }
    const lane = this.#lanes.get(laneKey) ?? new Lane<SendItem>()
    lane.add(item)
    this.#lanes.set(laneKey, lane)
    this.#items.set(key, item)
  }

  #wake(afterMs: number): void {
    this.#wakeTimer ??= this.#options.scheduler.setTimer(afterMs, () => {
      this.#wakeTimer = undefined
      this.pump()
      const nowMs = this.#now()
      const held = [...this.#lanes.values()].map((lane) => lane.heldUntil(nowMs) ?? Infinity)
      const nextMs = Math.min(...held, this.#pausedUntilMs > nowMs ? this.#pausedUntilMs : Infinity)
      if (nextMs < Infinity) this.#wake(nextMs - nowMs)
    })
  }

  // The map keeps the order of sending: its first message is the one that waits longest.
  #watchAnswers(): void {
    if (this.#inFlight.size === 0) return
    this.#answerTimer ??= this.#options.scheduler.setTimer(answerLimitMs / 3, () => {
      this.#answerTimer = undefined
      const [oldest] = this.#inFlight.values()
      const sinceMs = Math.max(oldest?.sentAtMs ?? Infinity, this.#pausedUntilMs)
      if (this.#now() - sinceMs >= answerLimitMs) this.#options.stuck()
      else this.#watchAnswers()
    })
  }

  #now(): number {
    return this.#options.scheduler.monotonic()
  }
}

// The message stays in the outbox.
function answerQueued(item: SendItem): void {
  item.settle?.({ state: 'queued', messageId: item.messageId })
  item.settle = undefined
}
