import { idBytes, idText } from '@parley/client'
import type { Target } from '@parley/client'
import type { chat } from '@parley/proto'
import type { History, SendRecord } from './history.ts'
import type { Open } from './reader.ts'
import type { Stream } from './web-wire.ts'
import { Wire, textSend } from './wire.ts'
import type { DeviceLogin, EventCase, EventOf } from './wire.ts'

interface Pending {
  readonly command: ReturnType<typeof textSend>
  readonly record: SendRecord
  readonly settled: () => void
}

/**
 * The sending half of a naive device: what was not answered is sent again, in order and with
 * the same ids, on each stream that it opens.
 */
export class StreamSender {
  readonly #history: History
  readonly #userId: string
  readonly #hello: Open
  /** In the order in which they were said. */
  readonly #pending = new Map<string, Pending>()
  #wire: Stream | undefined

  /** Streams are gRPC's unless told. */
  constructor(history: History, userId: string, hello: Open = (...asked) => Wire.hello(...asked)) {
    this.#history = history
    this.#userId = userId
    this.#hello = hello
  }

  /** Opens streams for the reading half. */
  readonly open = async (
    relay: string,
    who: DeviceLogin,
    options: Partial<chat.Hello>,
    listener: (event: EventCase) => void,
  ): Promise<Stream> => {
    const wire = await this.#hello(relay, who, options, (event) => {
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

  /** Says something; resolves when that is answered for good, whatever happens meanwhile. */
  say(target: Target, body: string): Promise<void> {
    const messageId = this.#history.newMessageId()
    const [senderId, conversationId] = [this.#userId, '']
    const record = this.#history.invoke({ senderId, messageId, conversationId, body })
    const command = textSend(idBytes(messageId), bytesOf(target), body)
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

function bytesOf(target: Target) {
  if ('userId' in target) return { userId: idBytes(target.userId) }
  return { conversationId: idBytes(target.conversationId) }
}
