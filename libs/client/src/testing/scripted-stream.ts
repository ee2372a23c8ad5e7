import type { ServerDuplexStream } from '@grpc/grpc-js'
import { AppError } from '@parley/errors'
import { grpcStatus } from '@parley/grpc-kit'
import { chat } from '@parley/proto'
import type { ScriptedConversation } from './scripted-log.ts'

/** One event of the protocol. */
export type EventCase = NonNullable<chat.Event['event']>

/** What may go wrong with an event on its way: nothing, lost, twice, or after the next one. */
export type Fate = 'pass' | 'lose' | 'repeat' | 'defer'

type Call = ServerDuplexStream<chat.ConnectRequest, chat.ConnectResponse>

/** The server's end of one stream: a cursor over each log, and a hand that can shake. */
export class ScriptedStream {
  readonly call: Call
  /** Every command that came, in order. */
  readonly commands: NonNullable<chat.Command['command']>[] = []
  readonly sent = new Map<ScriptedConversation, number>()
  readonly announced = new Set<ScriptedConversation>()
  /** By conversation: the message whose outcome was left open. */
  readonly unresolved = new Map<ScriptedConversation, string>()
  userId = Buffer.alloc(0)
  transient = false
  isOpen = true
  #deferred: EventCase[] = []

  constructor(call: Call) {
    this.call = call
    const over = () => {
      this.isOpen = false
    }
    for (const end of ['close', 'error', 'cancelled', 'end']) call.on(end, over)
  }

  tell(event: EventCase, fate: Fate = 'pass'): void {
    if (!this.isOpen || fate === 'lose') return
    if (fate === 'defer') {
      this.#deferred.push(event)
      return
    }
    const deferred = this.#deferred
    this.#deferred = []
    const all = fate === 'repeat' ? [event, event, ...deferred] : [event, ...deferred]
    this.call.write({ events: all.map((one) => ({ event: one })) })
  }

  /** Sends what this stream has not had yet, at most `count` entries of it. */
  push(conversation: ScriptedConversation, fate: Fate = 'pass', count = 64): void {
    if (this.transient) return
    const after = this.sent.get(conversation) ?? 0
    const entries = conversation.entries.slice(after, after + count)
    if (entries.length === 0) return
    const { id: conversationId, epoch } = conversation
    const isFirst = !this.announced.has(conversation)
    const info = isFirst ? { kind: chat.ConversationKind.GROUP, title: 'test' } : undefined
    const value = { conversationId, epoch, firstSeq: after + 1, entries, conversation: info }
    this.announced.add(conversation)
    this.sent.set(conversation, after + entries.length)
    this.tell({ $case: 'entries', value: chat.Entries.fromPartial(value) }, fate)
  }

  /** Sends everything that this stream has not had yet. */
  pushAll(conversation: ScriptedConversation): void {
    while (this.isOpen && (this.sent.get(conversation) ?? 0) < conversation.entries.length) {
      const before = this.sent.get(conversation)
      this.push(conversation)
      if (this.sent.get(conversation) === before) return
    }
  }

  head(conversation: ScriptedConversation): void {
    if (this.transient) return
    const { id: conversationId, epoch, entries } = conversation
    this.tell({ $case: 'head', value: { conversationId, epoch, seq: entries.length } })
  }

  /** Ends the stream as a relay does that dies: nothing that is in its hands is answered. */
  cut(): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.call.emit('error', grpcStatus(new AppError('unavailable', 'CUT', 'cut by the script')))
  }
}
