import type { Scheduler, Timer } from '@parley/service-kit'
import { framed } from '../session/frames.ts'
import type { Journal } from '../store/journal.ts'
import type { Hub } from './hub.ts'

/** A large group hears of its readers at most so often. */
export const countEveryMs = 1_000
/** The most groups that are counted at once; the others wait for the next round. */
const groupsPerRound = 50

/** What counting needs. */
export interface ReadCountsParts {
  readonly hub: Hub
  readonly journal: Pick<Journal, 'ask'>
  readonly scheduler: Scheduler
}

/** Tells large groups how many members have read up to the newest entry. */
export class ReadCounts {
  readonly #parts: ReadCountsParts
  readonly #tick: Timer
  /** Groups with new readers, by number, with their public ids. */
  readonly #moved = new Map<number, Uint8Array>()

  constructor(parts: ReadCountsParts) {
    this.#parts = parts
    this.#tick = parts.scheduler.every(countEveryMs, () => this.#round())
  }

  /** Somebody has read on in a group. */
  note(conversation: number, publicId: Uint8Array): void {
    this.#moved.set(conversation, publicId)
  }

  close(): void {
    this.#tick.cancel()
  }

  #round(): void {
    for (const [conversation, publicId] of [...this.#moved].slice(0, groupsPerRound)) {
      this.#moved.delete(conversation)
      // A count that cannot be had now is told with the next reader.
      this.#tell(conversation, publicId).catch(() => undefined)
    }
  }

  async #tell(conversation: number, conversationId: Uint8Array): Promise<void> {
    const { hub, journal } = this.#parts
    const readCount = await journal.ask('readCount', { conversation })
    const value = { conversationId, positions: [], readCount }
    const event = () => framed({ $case: 'receipts', value })
    hub.mention(conversation, undefined, `read/${conversation}`, event)
  }
}
