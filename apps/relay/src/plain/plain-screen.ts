import type { chat } from '@parley/proto'
import type { Scheduler } from '@parley/service-kit'
import { Unsent } from '../door/unsent.ts'
import type { Reading } from '../door/unsent.ts'
import type { Session } from '../session/session.ts'
import { ConversationNames } from './conversation-names.ts'
import { Deliveries } from './deliveries.ts'
import type { Delivered } from './deliveries.ts'
import type { PlainClient } from './plain-client.ts'
import { plainWords } from './plain-words.ts'

/** What a screen reports. */
export interface ScreenSide {
  /** The client has everything up to here. */
  delivered(entry: Delivered): void
  /** Something was taken by the connection; there is room again. */
  readonly reading: Reading
}

/** Shows entries to a plain client in words, and notes what it has. */
export class PlainScreen {
  readonly names: ConversationNames
  readonly #client: PlainClient
  readonly #session: Session
  readonly #deliveries: Deliveries
  readonly #unsent: Unsent
  #hasRoom = true

  constructor(client: PlainClient, session: Session, scheduler: Scheduler, side: ScreenSide) {
    this.names = new ConversationNames(session, scheduler)
    this.#client = client
    this.#session = session
    this.#deliveries = new Deliveries((entry) => side.delivered(entry))
    this.#unsent = new Unsent({
      advanced: () => side.reading.advanced(),
      drained: () => {
        this.#hasRoom = true
        side.reading.drained()
      },
    })
  }

  /** False: no more until what was shown is taken. */
  get hasRoom(): boolean {
    return this.#hasRoom
  }

  /** Whether the client has everything that it was shown. */
  get isTaken(): boolean {
    return this.#deliveries.isIdle
  }

  entries({ conversationId, epoch, firstSeq, entries, conversation }: chat.Entries): void {
    if (conversation !== undefined) this.names.learn(conversationId, conversation)
    for (const [i, entry] of entries.entries()) {
      this.names.hear(conversationId, entry)
      this.#entry(entry, { conversationId, epoch, seq: firstSeq + i })
    }
  }

  /** What will not come counts as delivered. */
  gap({ conversationId, epoch, to: seq }: chat.Gap): void {
    this.#deliveries.hidden({ conversationId, epoch, seq })
  }

  #entry(entry: chat.Entry, place: Delivered): void {
    const { userId, userName } = this.#session.identity
    const words = plainWords(entry, userId)
    if (words === undefined) return this.#deliveries.hidden(place)
    const label = this.names.labelOf(place.conversationId)
    const [sender, getter] = [`${words.sender}${label}`, label === '' ? userName : label]
    const message = { sender, getter, text: words.text, sentAtMs: entry.sentAtMs, entry, ...place }
    this.#deliveries.shown(place)
    const bytes = this.#client.show(message, () => this.#taken())
    this.#hasRoom = this.#unsent.wrote(bytes)
  }

  #taken(): void {
    this.#deliveries.taken()
    this.#unsent.taken()
  }
}
