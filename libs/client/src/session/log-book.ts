import { chat } from '@parley/proto'
import type { ConversationView } from '../client-events.ts'
import { idBytes, idText } from '../ids.ts'
import type { AccountState } from '../state/local-state.ts'
import type { Batch } from './batch.ts'
import { ConversationLog, blankConversation, titleIn, viewOf } from './conversation-log.ts'
import type { Run } from './conversation-log.ts'
import type { Marks } from './marks.ts'
import type { Pulls } from './pulls.ts'

/** What keeping the logs needs. */
export interface LogBookOptions {
  readonly account: AccountState
  readonly marks: Marks
  readonly pulls: Pulls
  /** A message to this conversation, or to this person, is on its way. */
  readonly isSendingTo: (id: string) => boolean
}

/** The logs of this device's conversations: every entry once, in order, without holes. */
export class LogBook {
  readonly #options: LogBookOptions
  readonly #logs = new Map<string, ConversationLog>()

  constructor(options: LogBookOptions) {
    this.#options = options
    for (const stored of options.account.conversations()) {
      this.#logs.set(stored.conversationId, new ConversationLog(stored))
    }
  }

  /** What this device has stored. */
  cursors(): chat.Cursor[] {
    return [...this.#logs.values()].map(({ view, epoch, seq }) => ({
      conversationId: idBytes(view.conversationId),
      epoch,
      seq,
    }))
  }

  /** The other person of a direct conversation, where it is known to be one. */
  peerOf(conversationId: string): string | undefined {
    const peerId = this.#logs.get(conversationId)?.view.peerId
    return peerId === '' ? undefined : peerId
  }

  /** What names a conversation that is known here. */
  viewOf(conversationId: string): ConversationView | undefined {
    return this.#logs.get(conversationId)?.view
  }

  /** The last number stored here. */
  storedSeq(conversationId: string): number {
    return this.#logs.get(conversationId)?.seq ?? 0
  }

  entries(event: chat.Entries, batch: Batch): void {
    const id = idText(event.conversationId)
    const isNew = !this.#logs.has(id)
    const log = this.#logAt(id, event.epoch, batch)
    if (event.conversation) this.#describe(log, event.conversation, batch)
    // The first run that a session sends says where this device begins.
    if (isNew && event.conversation && event.firstSeq > 1)
      this.#begin(log, event.firstSeq - 1, batch)
    const run = log.take(event)
    if (run) this.#append(log, run, batch)
    this.#settle(log, run?.entries.length ?? 0, run === undefined, batch)
  }

  gap(event: chat.Gap, batch: Batch): void {
    const log = this.#logAt(idText(event.conversationId), event.epoch, batch)
    const { conversationId } = log.view
    const { from, to, why } = event
    const skipped = log.skip(from, to)
    if (skipped) {
      batch.store({ kind: 'skip', conversationId, seq: to })
      batch.tell({ type: 'gap', conversationId, from, to, why })
    }
    this.#settle(log, skipped ? 1 : 0, !skipped, batch)
  }

  head(event: chat.Head, batch: Batch): void {
    const log = this.#logAt(idText(event.conversationId), event.epoch, batch)
    log.want(event.seq)
    this.#options.pulls.follow(log, false)
  }

  /** A send of this session has its place; its entry is spared to it by the server. */
  own(accepted: chat.Accepted, entry: chat.Entry | undefined, peerId: string, batch: Batch): void {
    const id = idText(accepted.conversationId)
    const log = this.#logAt(id, accepted.epoch, batch)
    if (peerId !== '' && log.view.kind === chat.ConversationKind.UNSPECIFIED) {
      const info = { kind: chat.ConversationKind.DIRECT, title: '', peerName: '' }
      this.#describe(log, { ...info, peerId: idBytes(peerId) }, batch)
    }
    log.own(accepted.seq, entry)
    const hole = entry === undefined && accepted.seq === log.seq + 1
    this.#settle(log, 0, hole, batch)
  }

  #logAt(id: string, epoch: number, batch: Batch): ConversationLog {
    const known = this.#logs.get(id)
    if (!known) return this.#open(id, epoch, batch)
    if (known.epoch !== epoch) this.#rewind(known, epoch, batch)
    return known
  }

  #open(id: string, epoch: number, batch: Batch): ConversationLog {
    const log = new ConversationLog(blankConversation(id, epoch))
    this.#logs.set(id, log)
    batch.store({ kind: 'describe', conversation: log.view, epoch })
    return log
  }

  // Another epoch: the server's log was rolled back, so nothing stored under the old one counts.
  #rewind(log: ConversationLog, epoch: number, batch: Batch): void {
    const { conversationId } = log.view
    const told = log.seq > 0
    log.rewind(epoch)
    batch.store({ kind: 'rewind', conversationId, epoch })
    if (told) batch.tell({ type: 'rewound', conversationId, epoch })
  }

  #describe(log: ConversationLog, info: chat.ConversationInfo, batch: Batch): void {
    log.view = viewOf(log.view.conversationId, info)
    batch.store({ kind: 'describe', conversation: log.view, epoch: log.epoch })
  }

  // The first run that a session sends says where this device begins. But what lies before it may
  // be an own message, spared to this session, whose answer is still to come: then it is asked for.
  #begin(log: ConversationLog, seq: number, batch: Batch): void {
    const { conversationId, peerId } = log.view
    const { isSendingTo } = this.#options
    if (isSendingTo(conversationId) || (peerId !== '' && isSendingTo(peerId))) return
    log.skip(1, seq)
    batch.store({ kind: 'skip', conversationId, seq })
    const why = chat.Gap_Why.OLDER
    batch.tell({ type: 'gap', conversationId, from: 1, to: seq, why })
  }

  #append(log: ConversationLog, run: Run, batch: Batch): void {
    const { conversationId } = log.view
    const { firstSeq, entries } = run
    const bodies = entries.map((entry) => chat.Entry.encode(entry).finish())
    batch.store({ kind: 'append', conversationId, firstSeq, bodies })
    for (const entry of entries) this.#apply(log, entry, batch)
    batch.tell({ type: 'entries', conversation: log.view, firstSeq, entries })
  }

  #apply(log: ConversationLog, entry: chat.Entry, batch: Batch): void {
    const { conversationId } = log.view
    const content = entry.content?.content
    if (content?.$case === 'recall') {
      batch.store({ kind: 'erase', conversationId, seq: content.value.targetSeq })
    }
    const title = titleIn(entry)
    if (title === undefined || title === log.view.title) return
    log.view = { ...log.view, title }
    batch.store({ kind: 'describe', conversation: log.view, epoch: log.epoch })
  }

  // Own entries whose turn has come, then the cursor, then what is still missing.
  #settle(log: ConversationLog, taken: number, hole: boolean, batch: Batch): void {
    const own = log.takeOwn()
    if (own) this.#append(log, own, batch)
    const { marks, pulls } = this.#options
    const { epoch, seq } = log
    const count = taken + (own?.entries.length ?? 0)
    if (count > 0) {
      batch.after(() => marks.stored(log.view.conversationId, epoch, seq, count))
    }
    pulls.follow(log, hole)
  }
}
