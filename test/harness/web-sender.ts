import { idBytes, idText } from '@parley/client'
import type { chat } from '@parley/proto'
import type { History, SendRecord } from './history.ts'
import { WebWire } from './web-wire.ts'
import type { DeviceLogin, EventCase, EventOf } from './wire.ts'
import { textSend } from './wire.ts'

interface Pending {
  readonly command: ReturnType<typeof textSend>
  readonly record: SendRecord
  readonly settled: () => void
}

/**
 * The sending half of a device on WebSockets: what was not answered is sent again, in order and with
 * the same ids, on each stream that it opens.
 */
export class WebSender {
  readonly #history: History
  readonly #userId: string
  /** In the order in which they were said. */
  readonly #pending = new Map<string, Pending>()
  #wire: WebWire | undefined

  constructor(history: History, userId: string) {
    this.#history = history
    this.#userId = userId
  }

  /** Opens streams for the reading half. */
  readonly open = async (
    relay: string,
    who: DeviceLogin,
    options: Partial<chat.Hello>,
    listener: (event: EventCase) => void,
  ): Promise<WebWire> => {
    const wire = await WebWire.hello(relay, who, options, (event) => {
      this.#take(event)
      listener(event)
    })
    this.#wire = wire
    void wire.ended.then(() => {
      if (this.#wire === wire) this.#wire = undefined
    })
    for (const { command } of this.#pending.values()) wire.write(command)
    return wire
  }

  /** Says something to somebody; resolves when that is answered for good, whatever happens meanwhile. */
  say(peerId: string, body: string): Promise<void> {
    const messageId = this.#history.newMessageId()
    const [senderId, conversationId] = [this.#userId, '']
    const record = this.#history.invoke({ senderId, messageId, conversationId, body })
    const command = textSend(idBytes(messageId), { userId: idBytes(peerId) }, body)
    return new Promise((settled) => {
      this.#pending.set(messageId, { command, record, settled })
      this.#wire?.write(command)
    })
  }

  #take(event: EventCase): void {
    if (event.$case === 'accepted') this.#accepted(event.value)
    // Nothing after it counts: all of it comes again on another stream.
    if (event.$case === 'unresolved') this.#wire?.close()
    if (event.$case !== 'refused') return
    if (event.value.reason === 'PREDECESSOR') this.#wire?.close()
    else this.#settle(event.value.clientMessageId, { type: 'refused', reason: event.value.reason })
  }

  #accepted({ clientMessageId, conversationId, seq, duplicate }: EventOf<'accepted'>): void {
    const pending = this.#pending.get(idText(clientMessageId))
    if (pending) pending.record.conversationId = idText(conversationId)
    this.#settle(clientMessageId, { type: 'accepted', seq, duplicate })
  }

  #settle(
    id: Uint8Array,
    answer:
      | { readonly type: 'accepted'; readonly seq: number; readonly duplicate: boolean }
      | { readonly type: 'refused'; readonly reason: string },
  ): void {
    const messageId = idText(id)
    const pending = this.#pending.get(messageId)
    this.#pending.delete(messageId)
    pending?.record.answers.push({ ...answer, at: this.#history.tick() })
    pending?.settled()
  }
}
