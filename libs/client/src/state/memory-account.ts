import type { ConversationView } from '../client-events.ts'
import type { AccountState, OutboxClaim, OutboxMessage, OutboxRow } from './local-state.ts'
import type { StateChange, StoredConversation, StoredEntry, UnshownAfter } from './local-state.ts'
import { maxOutboxMessages } from './local-state.ts'
import { assertFollows, erasedBody, logMoved, outboxFull, pruneEvery } from './rules.ts'

interface Log {
  view: ConversationView
  epoch: number
  seq: number
  shown: number
  // Ascending; the oldest are dropped.
  entries: StoredEntry[]
}

interface Waiting {
  row: OutboxRow
  owner: string
  untilMs: number
}

/** One user's state in this process. */
export class MemoryAccount implements AccountState {
  readonly #keepEntries: number
  readonly #logs = new Map<string, Log>()
  readonly #waiting = new Map<string, Waiting>()
  #position = 0

  constructor(keepEntries: number) {
    this.#keepEntries = keepEntries
  }

  conversations(): StoredConversation[] {
    return [...this.#logs.values()].map(({ view, epoch, seq }) => ({ ...view, epoch, seq }))
  }

  unshown(): UnshownAfter[] {
    const logs = [...this.#logs].filter(([, log]) => log.shown < log.seq)
    return logs.map(([conversationId, log]) => ({ conversationId, afterSeq: log.shown }))
  }

  entries(conversationId: string, afterSeq: number, limit: number): StoredEntry[] {
    const entries = this.#logs.get(conversationId)?.entries ?? []
    const start = entries.findIndex((entry) => entry.seq > afterSeq)
    return start < 0 ? [] : entries.slice(start, start + limit)
  }

  commit(changes: readonly StateChange[]): void {
    for (const change of changes) this.#apply(change)
  }

  enqueue(messages: readonly OutboxMessage[], claim: OutboxClaim): OutboxRow[] {
    if (this.#waiting.size + messages.length > maxOutboxMessages) throw outboxFull()
    return messages.map((message) => {
      this.#position += 1
      const row: OutboxRow = {
        ...message,
        position: this.#position,
        refusedReason: '',
        refusedMessage: '',
        claimed: true,
      }
      this.#waiting.set(message.messageId, { row, owner: claim.owner, untilMs: claim.untilMs })
      return row
    })
  }

  renew(claim: OutboxClaim): void {
    for (const waiting of this.#waiting.values()) {
      if (waiting.owner === claim.owner) waiting.untilMs = claim.untilMs
    }
  }

  claim(claim: OutboxClaim): OutboxRow[] {
    const free = [...this.#waiting.values()].filter(
      ({ row, owner, untilMs }) =>
        row.refusedReason === '' && owner !== claim.owner && untilMs <= claim.nowMs,
    )
    for (const waiting of free) {
      waiting.owner = claim.owner
      waiting.untilMs = claim.untilMs
    }
    return free.map(({ row }) => ({ ...row, claimed: true }))
  }

  release(owner: string): void {
    for (const waiting of this.#waiting.values()) if (waiting.owner === owner) free(waiting)
  }

  outbox(nowMs: number): OutboxRow[] {
    return [...this.#waiting.values()].map(({ row, untilMs }) => ({
      ...row,
      claimed: untilMs > nowMs,
    }))
  }

  cancel(messageId: string): boolean {
    return this.#waiting.delete(messageId)
  }

  #apply(change: StateChange): void {
    switch (change.kind) {
      case 'append':
        return this.#append(change.conversationId, change.firstSeq, change.bodies)
      case 'skip':
        return this.#skip(change.conversationId, change.seq)
      case 'shown':
        return this.#shown(change.conversationId, change.seq)
      case 'erase':
        return this.#erase(change.conversationId, change.seq)
      case 'rewind':
        Object.assign(this.#log(change.conversationId), {
          epoch: change.epoch,
          seq: 0,
          shown: 0,
          entries: [],
        })
        return
      case 'describe':
        return this.#describe(change.conversation, change.epoch)
      case 'settle':
        this.#waiting.delete(change.messageId)
        return
      case 'refuse':
        this.#refuse(change.messageId, change.reason, change.message)
    }
  }

  #append(conversationId: string, firstSeq: number, bodies: readonly Uint8Array[]): void {
    const log = this.#log(conversationId)
    assertFollows(firstSeq, bodies.length)
    if (log.seq !== firstSeq - 1) throw logMoved()
    log.seq += bodies.length
    if (this.#keepEntries === 0) return
    for (const [index, body] of bodies.entries()) log.entries.push({ seq: firstSeq + index, body })
    const surplus = log.entries.length - this.#keepEntries
    if (surplus > 0 && pruneEvery(firstSeq, log.seq)) log.entries.splice(0, surplus)
  }

  #skip(conversationId: string, seq: number): void {
    const log = this.#log(conversationId)
    if (seq < log.seq) throw logMoved()
    log.seq = seq
  }

  #shown(conversationId: string, seq: number): void {
    const log = this.#logs.get(conversationId)
    if (log) log.shown = Math.max(log.shown, Math.min(seq, log.seq))
  }

  #erase(conversationId: string, seq: number): void {
    const { entries } = this.#log(conversationId)
    const index = entries.findIndex((one) => one.seq === seq)
    const found = entries[index]
    if (found) entries[index] = { seq, body: erasedBody(found.body) }
  }

  #describe(view: ConversationView, epoch: number): void {
    const log = this.#logs.get(view.conversationId)
    if (log) log.view = view
    else this.#logs.set(view.conversationId, { view, epoch, seq: 0, shown: 0, entries: [] })
  }

  #refuse(messageId: string, refusedReason: string, refusedMessage: string): void {
    const waiting = this.#waiting.get(messageId)
    if (!waiting) return
    waiting.row = { ...waiting.row, refusedReason, refusedMessage }
    free(waiting)
  }

  #log(conversationId: string): Log {
    const log = this.#logs.get(conversationId)
    if (!log) throw logMoved()
    return log
  }
}

function free(waiting: Waiting): void {
  waiting.owner = ''
  waiting.untilMs = 0
}
