import type { Place, Step } from '../domain/place.ts'
import { nextStep, visibleHead } from '../domain/place.ts'
import type { LogRun } from '../store/journal.ts'
import { isAway } from './is-away.ts'

/** The most bytes asked of the log at once. */
const maxRunBytes = 128 * 1024
/** Reading goes on while fewer bytes than this wait to be written. */
export const lowWaterBytes = 256 * 1024

/** What a reader needs of its session. */
export interface ReaderSide {
  /** Makes sure that the stays of a place are complete up to its head, where others may change them. */
  readonly vouch: ((place: Place) => Promise<void>) | undefined
  readLog(conversation: number, from: number, to: number, maxBytes: number): Promise<LogRun>
  /** True while there is room to send more. */
  hasRoom(): boolean
  sendRun(place: Place, run: LogRun): void
  sendGap(place: Place, from: number, to: number): void
  /** All places are level with their logs. */
  level(): void
  failed(error: unknown): void
}

/** Sends what places are behind of, from the log, one read at a time, in turn between places. */
export class LogReader {
  readonly #side: ReaderSide
  readonly #behind: Place[] = []
  #reading = false
  #stopped = false

  constructor(side: ReaderSide) {
    this.#side = side
  }

  get isLevel(): boolean {
    return this.#behind.length === 0 && !this.#reading
  }

  /** Follows this place by reading until it is level again. */
  follow(place: Place): void {
    if (place.behind) return
    place.behind = true
    this.#behind.push(place)
  }

  /** Places that are being followed. */
  get behind(): readonly Place[] {
    return this.#behind
  }

  /** Reads on if there is room and something to read. */
  pump(): void {
    while (!this.#reading && !this.#stopped && this.#side.hasRoom()) {
      const place = this.#behind.shift()
      if (place === undefined) return
      const step = nextStep(place)
      if (step.kind === 'read') {
        void this.#read(place, step)
        return
      }
      this.#skip(place, step)
      if (this.isLevel) this.#side.level()
    }
  }

  /** Reads no more. */
  stop(): void {
    this.#stopped = true
    this.#behind.length = 0
  }

  #skip(place: Place, step: Exclude<Step, { kind: 'read' }>): void {
    if (step.kind === 'nothing') {
      place.behind = false
      return
    }
    this.#side.sendGap(place, step.from, step.to)
    place.sent = step.to
    this.#behind.push(place)
  }

  async #read(place: Place, step: Extract<Step, { kind: 'read' }>): Promise<void> {
    this.#reading = true
    try {
      const { conversation } = place
      const { vouch } = this.#side
      if (vouch !== undefined && step.from > place.vouched) {
        await vouch(place)
        this.#again(place)
      } else {
        const to = vouch === undefined ? step.to : Math.min(step.to, place.vouched)
        const run = await this.#side.readLog(conversation, step.from, to, maxRunBytes)
        this.#reading = false
        if (!this.#stopped) this.#take(place, run)
      }
    } catch (error) {
      this.#failed(place, error)
      return
    }
    this.pump()
  }

  /** What to do next for the place is decided anew. */
  #again(place: Place): void {
    this.#reading = false
    if (!this.#stopped) this.#behind.unshift(place)
  }

  /** While the store is away, or has too much to do, the place waits: the next `pump` tries again. */
  #failed(place: Place, error: unknown): void {
    this.#again(place)
    if (!this.#stopped && !isAway(error)) this.#side.failed(error)
  }

  #take(place: Place, run: LogRun): void {
    // A drop may have wound the place back meanwhile: then this run is not the next one.
    if (run.count > 0 && run.firstSeq === place.sent + 1) {
      this.#side.sendRun(place, run)
      place.sent = run.firstSeq + run.count - 1
    }
    if (run.count > 0 && place.sent < visibleHead(place)) this.#behind.push(place)
    else place.behind = false
    if (this.isLevel) this.#side.level()
  }
}
