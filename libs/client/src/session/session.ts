import { AppError, toAppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import type { Scheduler } from '@parley/service-kit'
import type { ClientEvent } from '../client-events.ts'
import { idBytes, idText } from '../ids.ts'
import type { AccountState, Login, StateChange } from '../state/local-state.ts'
import { Batch } from './batch.ts'
import { LogBook } from './log-book.ts'
import { Marks } from './marks.ts'
import { newsOf } from './news.ts'
import { OutboxClaims } from './outbox-claims.ts'
import { Pulls } from './pulls.ts'
import { laneKey, ownEntry } from './send-item.ts'
import { Sender } from './sender.ts'
import { ShownMarks } from './shown-marks.ts'
import type { ChatStream } from './stream.ts'
import { unshownEntries } from './unshown.ts'

/** What a session needs of its surroundings. */
export interface SessionOptions {
  readonly login: Login
  readonly account: AccountState
  readonly scheduler: Scheduler
  /** Keeps no logs: it sends and asks only. */
  readonly transient: boolean
  readonly stream: () => ChatStream | undefined
  readonly tell: (event: ClientEvent) => void
  /** A message of this client is in the outbox. */
  readonly enqueued: (send: chat.Send) => void
  readonly stuck: () => void
  readonly idle: () => void
  /** What this device has stored can no longer be relied on. */
  readonly failed: (error: AppError) => void
}

type WireEvent = NonNullable<chat.Event['event']>

const predecessorWaitMs = 50

/** What a device makes of a stream's events: stores, then tells, then answers. */
export class Session {
  readonly sender: Sender
  readonly marks: Marks
  readonly log: LogBook
  readonly shown: ShownMarks
  readonly #options: SessionOptions
  readonly #claims: OutboxClaims
  readonly #pulls: Pulls
  readonly #self: { readonly id: Buffer; readonly name: string }

  constructor(options: SessionOptions) {
    const { account, scheduler, stream, enqueued, stuck, idle, login } = options
    this.#options = options
    this.#self = { id: idBytes(login.userId), name: login.userName }
    this.#pulls = new Pulls({ scheduler, pull: (id, afterSeq) => this.pull(id, afterSeq) })
    this.marks = new Marks({ scheduler, stream })
    this.shown = new ShownMarks(scheduler, (changes) => this.#store(changes))
    const isSendingTo = (id: string) => this.sender.isSendingTo(id)
    this.log = new LogBook({ account, marks: this.marks, pulls: this.#pulls, isSendingTo })
    this.#claims = new OutboxClaims(account, scheduler)
    const peerOf = (conversationId: string) => this.log.peerOf(conversationId)
    this.sender = new Sender({
      claims: this.#claims,
      scheduler,
      stream,
      enqueued,
      stuck,
      idle,
      laneKey: (send) => laneKey(send, peerOf),
    })
  }

  start(): void {
    this.#claims.start(() => {
      if (!this.#options.stream()) return
      this.sender.takeOver()
      this.sender.pump()
    })
  }

  up(welcome: chat.Welcome): void {
    this.sender.up(welcome.limits?.maxInFlight ?? 0)
    this.marks.flush()
  }

  down(): void {
    this.sender.down()
    this.marks.down()
    this.#pulls.clear()
  }

  /** Tells what was stored but perhaps never shown before. */
  tellUnshown(): void {
    const { account, tell, transient } = this.#options
    if (transient) return
    try {
      for (const event of unshownEntries(account)) tell(event)
    } catch (error) {
      this.#options.failed(stateFailed(error))
    }
  }

  /** Gives up what others may go on with. */
  release(): void {
    this.shown.close()
    this.#pulls.clear()
    this.marks.down()
    this.#claims.release()
  }

  pull(conversationId: string, afterSeq: number): void {
    const value = { conversationId: idBytes(conversationId), afterSeq }
    this.#options.stream()?.push({ $case: 'pull', value })
  }

  /** Takes one frame's events: all of them are stored before any is told. */
  take(events: readonly chat.Event[]): void {
    const { account, tell, failed } = this.#options
    const batch = new Batch()
    try {
      for (const { event } of events) if (event) this.#takeOne(event, batch)
      const shown = batch.changes.length > 0 ? this.shown.take() : []
      account.commit([...shown, ...batch.changes])
    } catch (error) {
      // Memory is ahead of the disk now: nothing that follows could be trusted.
      batch.finish(false)
      return failed(stateFailed(error))
    }
    for (const event of batch.events) tell(event)
    batch.finish(true)
    this.sender.pump()
    if (this.sender.size === 0) this.#options.idle()
  }

  #store(changes: readonly StateChange[]): void {
    try {
      this.#options.account.commit(changes)
    } catch (error) {
      this.#options.failed(stateFailed(error))
    }
  }

  #takeOne(event: WireEvent, batch: Batch): void {
    switch (event.$case) {
      case 'accepted':
        return this.#accepted(event.value, batch)
      case 'refused':
        return this.#refused(event.value, batch)
      case 'unresolved':
        return this.sender.again(event.value.clientMessageId, event.value.retryAfterMs)
      case 'entries':
        return this.#options.transient ? undefined : this.log.entries(event.value, batch)
      case 'gap':
        return this.#options.transient ? undefined : this.log.gap(event.value, batch)
      case 'head':
        return this.#options.transient ? undefined : this.log.head(event.value, batch)
      default: {
        const news = newsOf(event)
        if (news) batch.tell(news)
      }
    }
  }

  #accepted(accepted: chat.Accepted, batch: Batch): void {
    const item = this.sender.settled(accepted.clientMessageId)
    if (!item) return
    const { messageId, send } = item
    const { seq, sentAtMs, duplicate } = accepted
    const conversationId = idText(accepted.conversationId)
    const result = { messageId, conversationId, seq, sentAtMs, duplicate }
    batch.store({ kind: 'settle', messageId })
    if (!this.#options.transient) {
      const peerId = send.target?.$case === 'userId' ? idText(send.target.value) : ''
      this.log.own(accepted, ownEntry(send, this.#self, sentAtMs), peerId, batch)
    }
    batch.tell({ type: 'accepted', ...result })
    batch.answer(() => item.settle?.({ state: 'accepted', ...result }))
  }

  #refused(refused: chat.Refused, batch: Batch): void {
    const { clientMessageId, reason, message } = refused
    // Not about this message: an earlier one to the same conversation goes first.
    if (reason === 'PREDECESSOR') return this.sender.again(clientMessageId, predecessorWaitMs)
    const item = this.sender.settled(clientMessageId)
    if (!item) return
    const { messageId, settle } = item
    // With nobody here to hear it the refusal stays in the outbox, to be seen there.
    if (settle) batch.store({ kind: 'settle', messageId })
    else batch.store({ kind: 'refuse', messageId, reason, message })
    batch.tell({ type: 'refused', messageId, reason, message })
    batch.answer(() => settle?.(refusal(reason, message)))
  }
}

function refusal(reason: string, message: string): AppError {
  const known = /^[A-Z][A-Z0-9_]{1,63}$/.test(reason) ? reason : 'REFUSED'
  return new AppError('forbidden', known, message || `the server refused the message: ${reason}`)
}

function stateFailed(error: unknown): AppError {
  const cause = toAppError(error)
  if (cause.kind !== 'internal') return cause
  const message = `what was received could not be stored: ${String(error)}`
  return new AppError('internal', 'STATE_FAILED', message, { cause: error })
}
