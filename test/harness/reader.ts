import { idBytes, idText } from '@parley/client'
import type { chat } from '@parley/proto'
import { Backoff, delay, systemScheduler } from '@parley/service-kit'
import type { DeviceLog, History, SeenEntry } from './history.ts'
import type { Person } from './person.ts'
import type { Stream } from './web-wire.ts'
import { Wire } from './wire.ts'
import type { DeviceLogin, EventCase, EventOf } from './wire.ts'

/** Opens a stream and says hello on it. */
export type Open = (
  relay: string,
  who: DeviceLogin,
  options: Partial<chat.Hello>,
  listener: (event: EventCase) => void,
) => Promise<Stream>

const retry = { baseMs: 50, capMs: 500 }

/**
 * A naive device: it notes every entry it is told, as it is told, comes back with its cursors when
 * the stream ends, and neither sorts, drops, nor asks for anything.
 */
export class Reader {
  readonly log: DeviceLog
  /** Ranges the server said would not come. */
  readonly gaps: EventOf<'gap'>[] = []
  /** When it was last told that it has all there was, by the clock of this process. */
  caughtUpAtMs = 0
  readonly #person: Person
  readonly #cursors = new Map<string, { epoch: number; seq: number }>()
  readonly #done: Promise<void>
  readonly #open: Open
  #wire: Stream | undefined
  #closed = false

  /**
   * `earlier` is a closed reader of the same device: this one goes on where that one ended. Streams are
   * gRPC's unless told.
   */
  constructor(
    history: History,
    person: Person,
    name: string,
    earlier?: Reader,
    open: Open = (...asked) => Wire.hello(...asked),
  ) {
    this.#open = open
    this.#person = person
    this.log = earlier ? earlier.log : history.device(name)
    if (earlier) for (const [id, cursor] of earlier.#cursors) this.#cursors.set(id, cursor)
    this.#done = this.#stay()
  }

  /** The last number it was told of a conversation. */
  seq(conversationId: string): number {
    return this.#cursors.get(conversationId)?.seq ?? 0
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#wire?.close()
    await this.#done
  }

  async #stay(): Promise<void> {
    const backoff = new Backoff(systemScheduler, retry)
    while (!this.#closed) {
      const wire = await this.#connect().catch(() => undefined)
      if (wire) backoff.reset()
      else await delay(systemScheduler, backoff.next())
      this.#wire = wire
      if (this.#closed) wire?.close()
      await wire?.ended
      wire?.close()
    }
  }

  #connect(): Promise<Stream> {
    const { server, login } = this.#person
    const cursors = [...this.#cursors].map(([id, cursor]) => ({
      conversationId: Buffer.from(idBytes(id)),
      ...cursor,
    }))
    return this.#open(server, login(), { cursors }, (event) => this.#take(event))
  }

  #take(event: EventCase): void {
    if (event.$case === 'gap') {
      this.gaps.push(event.value)
      this.#move(event.value.conversationId, event.value.epoch, event.value.to)
    }
    if (event.$case === 'caughtUp') this.caughtUpAtMs = performance.now()
    // Asked to go elsewhere: it comes again, by whatever way is open.
    if (event.$case === 'goAway') this.#wire?.close()
    if (event.$case !== 'entries') return
    const { conversationId, epoch, firstSeq, entries } = event.value
    const id = idText(conversationId)
    for (const [at, entry] of entries.entries()) {
      this.log.entries.push(seenEntry(id, firstSeq + at, entry))
    }
    this.#move(conversationId, epoch, firstSeq + entries.length - 1)
  }

  #move(conversationId: Uint8Array, epoch: number, seq: number): void {
    this.#cursors.set(idText(conversationId), { epoch, seq })
    this.#wire?.write({
      $case: 'ack',
      value: { conversationId: Buffer.from(conversationId), epoch, seq },
    })
  }
}

/** Reads the whole log of a conversation back, as this person may see it, into the history. */
export async function readBack(
  history: History,
  person: Person,
  conversationId: string,
): Promise<readonly SeenEntry[]> {
  const pages: SeenEntry[][] = []
  for (let beforeSeq = 0; ;) {
    const request = { conversationId: idBytes(conversationId), beforeSeq, limit: 200 }
    const { entries, more } = await person.calls.history.listMessages(request)
    const page = entries.map(({ seq, entry }) => seenEntry(conversationId, seq, entry))
    pages.push(page)
    const [first] = page
    if (!more || !first) break
    beforeSeq = first.seq
  }
  const all = pages.toReversed().flat()
  history.stored.set(conversationId, all)
  return all
}

/** An entry as the checker compares it. */
function seenEntry(conversationId: string, seq: number, entry: chat.Entry | undefined): SeenEntry {
  const content = entry?.content?.content
  const body = content?.$case === 'text' ? content.value.text : `(${content?.$case})`
  const id = (bytes: Uint8Array | undefined) => (bytes?.length === 16 ? idText(bytes) : '')
  const [senderId, messageId] = [id(entry?.senderId), id(entry?.clientMessageId)]
  return { conversationId, seq, senderId, messageId, body }
}
