import { idBytes, idText } from '@parley/client'
import { systemScheduler } from '@parley/service-kit'
import type { History, SendRecord } from '../../harness/history.ts'
import type { Person } from '../../harness/person.ts'
import { Wire, textSend } from '../../harness/wire.ts'
import type { EventCase } from '../../harness/wire.ts'

const repeatAfterMs = 100

type Answered = Extract<EventCase, { $case: 'accepted' | 'refused' }>

// What stands behind an unresolved message is to be repeated with it.
function isAnswer(event: EventCase): event is Answered {
  return (
    event.$case === 'accepted' ||
    (event.$case === 'refused' && event.value.reason !== 'PREDECESSOR')
  )
}

/** What a sender tells of its work. */
interface SenderEvents {
  /** A message was acknowledged just now. */
  acknowledged(): void
}

/** Where a sender sends to, and how. */
export interface SenderPlan {
  readonly history: History
  readonly person: Person
  readonly conversationId: string
  readonly name: string
  /** Messages under way at once. */
  readonly window: number
  readonly events: SenderEvents
}

/**
 * A naive sender: keeps a window of messages under way on a stream of its own. What has no answer
 * when the stream ends it repeats first, under the same ids and in the same order.
 */
export class Sender {
  readonly #plan: SenderPlan
  readonly #conversationId: Uint8Array
  readonly #open = new Map<string, SendRecord>()
  /** Of the open ones, those whose outcome the server does not know. */
  readonly #unresolved = new Set<string>()
  /** When each open message was last written. */
  readonly #writtenAtMs = new Map<string, number>()
  #longestMs = 0
  #wire: Wire | undefined
  #count = 0
  #stopping = false

  constructor(plan: SenderPlan) {
    this.#plan = plan
    this.#conversationId = idBytes(plan.conversationId)
  }

  /** Messages without an answer. */
  get open(): number {
    return this.#open.size
  }

  /** Of the open ones, how many the server answered as unresolved and nothing else since. */
  get unresolved(): number {
    return this.#unresolved.size
  }

  /** The longest time that a message on a living stream was without any answer, since last asked. */
  takeLongestMs(): number {
    const longestMs = this.#longestMs
    this.#longestMs = 0
    return longestMs
  }

  /** Opens a stream, repeats what is open, and goes on. */
  async connect(): Promise<void> {
    this.close()
    this.#stopping = false
    const { person } = this.#plan
    const wire = await Wire.hello(person.server, person.login(), { transient: true })
    wire.keepsEvents = false
    wire.on((event) => this.#take(event))
    this.#wire = wire
    this.#repeat()
    this.#fill()
  }

  /** Sends nothing new; what is under way is still answered. */
  stop(): void {
    this.#stopping = true
  }

  /** Hangs up. */
  close(): void {
    this.#wire?.close()
    this.#wire = undefined
  }

  #repeat(): void {
    this.#unresolved.clear()
    for (const record of this.#open.values()) this.#write(record)
  }

  #fill(): void {
    if (this.#unresolved.size > 0) return
    while (!this.#stopping && this.#open.size < this.#plan.window) {
      this.#count += 1
      const { history, person, conversationId, name } = this.#plan
      const messageId = history.newMessageId()
      const record = history.invoke({
        senderId: person.userId,
        messageId,
        conversationId,
        body: `${name} ${this.#count}`,
      })
      this.#open.set(messageId, record)
      this.#write(record)
    }
  }

  #write({ messageId, body }: SendRecord): void {
    const target = { conversationId: this.#conversationId }
    this.#writtenAtMs.set(messageId, performance.now())
    this.#wire?.write(textSend(idBytes(messageId), target, body))
  }

  #take(event: EventCase): void {
    const { $case: kind } = event
    if (kind !== 'accepted' && kind !== 'refused' && kind !== 'unresolved') return
    const messageId = idText(event.value.clientMessageId)
    const record = this.#open.get(messageId)
    if (!record) return
    const waitedMs = performance.now() - (this.#writtenAtMs.get(messageId) ?? 0)
    this.#longestMs = Math.max(this.#longestMs, waitedMs)
    if (isAnswer(event)) this.#settle(record, event)
    else this.#unresolved.add(messageId)
    // Only when nothing else is under way, so that what is repeated keeps its order.
    if (this.#unresolved.size > 0 && this.#unresolved.size === this.#open.size) this.#repeatSoon()
    this.#fill()
  }

  #repeatSoon(): void {
    const wire = this.#wire
    systemScheduler.setTimer(repeatAfterMs, () => {
      if (this.#wire === wire) this.#repeat()
    })
  }

  #settle(record: SendRecord, event: Answered): void {
    this.#open.delete(record.messageId)
    this.#writtenAtMs.delete(record.messageId)
    this.#unresolved.delete(record.messageId)
    const at = this.#plan.history.tick()
    if (event.$case === 'accepted') {
      const { seq, duplicate } = event.value
      record.answers.push({ type: 'accepted', seq, duplicate, at })
      this.#plan.events.acknowledged()
    } else {
      record.answers.push({ type: 'refused', reason: event.value.reason, at })
    }
  }
}
