import type { Place } from '../domain/place.ts'
import type { FramedEvent } from './frames.ts'

/** The most bytes of entries that wait for one session. */
export const maxSessionBytes = 1024 * 1024
/** The most bytes of entries that wait for all sessions of the process. */
export const maxProcessBytes = 256 * 1024 * 1024
/** A frame ends at so many events or bytes. */
export const maxFrameEvents = 64
export const maxFrameBytes = 16 * 1024

/** Bytes of entries that wait in all sessions together. */
export interface Budget {
  usedBytes: number
}

interface Item {
  readonly event: FramedEvent
  /** Set for entries: where they belong and the number of the first. */
  readonly place: Place | undefined
  readonly firstSeq: number
}

/**
 * What waits to be written to one session. Control events are never dropped; entries are bounded,
 * and over the bound all of them are dropped and their places read again from the log later;
 * of ephemeral events only the latest of each key is kept.
 */
export class SendQueue {
  readonly #budget: Budget
  #items: Item[] = []
  #at = 0
  #logBytes = 0
  #controls = 0
  readonly #ephemeral = new Map<string, FramedEvent>()

  constructor(budget: Budget) {
    this.#budget = budget
  }

  /** Bytes of entries that wait. */
  get logBytes(): number {
    return this.#logBytes
  }

  /** How many events wait that are never dropped. */
  get controls(): number {
    return this.#controls
  }

  /** How many ephemeral events wait, one for each key. */
  get news(): number {
    return this.#ephemeral.size
  }

  /** True while all sessions together hold as much as they may. */
  get isProcessFull(): boolean {
    return this.#budget.usedBytes >= maxProcessBytes
  }

  /** Queues what must arrive. */
  control(event: FramedEvent): void {
    this.#controls += 1
    this.#items.push({ event, place: undefined, firstSeq: 0 })
  }

  /** Queues entries; false when there is no room, and then they must be read again later. */
  entries(place: Place, firstSeq: number, event: FramedEvent): boolean {
    const bytes = event.length
    if (this.#logBytes + bytes > maxSessionBytes && this.#logBytes > 0) return false
    if (this.#budget.usedBytes + bytes > maxProcessBytes) return false
    this.run(place, firstSeq, event)
    return true
  }

  /** Queues what was just read from the log: its reader asks only while there is room. */
  run(place: Place, firstSeq: number, event: FramedEvent): void {
    this.#logBytes += event.length
    this.#budget.usedBytes += event.length
    this.#items.push({ event, place, firstSeq })
  }

  /** Queues what may be replaced by later news of the same key. */
  ephemeral(key: string, event: FramedEvent): void {
    this.#ephemeral.set(key, event)
  }

  /** Drops all entries and winds their places back, so that the log will be read instead. */
  dropEntries(): Place[] {
    const places = new Set<Place>()
    const kept: Item[] = []
    for (const item of this.#items.slice(this.#at)) {
      if (item.place === undefined) kept.push(item)
      else {
        item.place.sent = Math.min(item.place.sent, item.firstSeq - 1)
        item.place.announced = false
        places.add(item.place)
      }
    }
    this.#release(this.#logBytes)
    this.#items = kept
    this.#at = 0
    return [...places]
  }

  /** The next frame, or undefined when nothing waits. */
  nextFrame(): Buffer | undefined {
    const events: FramedEvent[] = []
    let bytes = 0
    while (events.length < maxFrameEvents && this.#at < this.#items.length) {
      const item = this.#items[this.#at]
      if (item === undefined || (bytes > 0 && bytes + item.event.length > maxFrameBytes)) break
      this.#at += 1
      events.push(item.event)
      bytes += item.event.length
      if (item.place === undefined) this.#controls -= 1
      else this.#release(item.event.length)
    }
    if (this.#at === this.#items.length) this.#reset()
    if (events.length < maxFrameEvents && this.#items.length === 0) this.#takeEphemeral(events)
    if (events.length === 0) return undefined
    return events.length === 1 ? events[0] : Buffer.concat(events)
  }

  /** Forgets everything; the session is over. */
  clear(): void {
    this.#release(this.#logBytes)
    this.#reset()
    this.#ephemeral.clear()
  }

  #takeEphemeral(events: FramedEvent[]): void {
    for (const [key, event] of this.#ephemeral) {
      if (events.length >= maxFrameEvents) return
      events.push(event)
      this.#ephemeral.delete(key)
    }
  }

  #release(bytes: number): void {
    this.#logBytes -= bytes
    this.#budget.usedBytes -= bytes
  }

  #reset(): void {
    this.#items = []
    this.#at = 0
    this.#controls = 0
  }
}
