import type { EntryPlace } from '@parley/client'
import type { chat } from '@parley/proto'
import type { PlacedEntry } from '../entry-line.ts'
import { isAway } from '../pictures/inline-pictures.ts'
import type { Drawing } from '../pictures/painter.ts'
import type { Size } from '../pictures/pixels.ts'
import { imageOf } from '../transfers/attachment-of.ts'
import type { Spot } from './line-prompt.ts'

/** What draws: a picture from its server, and what stands for it until it is here. */
export interface PictureSource {
  /** How many cells it takes on the screen as it is now. */
  cells(image: chat.Image): Size
  placeholder(image: chat.Image, cells: Size): Promise<Drawing | undefined>
  picture(place: EntryPlace, cells: Size, limit: AbortSignal): Promise<Drawing>
}

/** Where it is drawn, among lines that do not wait for it. */
export interface PicturePaper {
  /** Right under what was printed last. */
  spot(): Spot
  isLast(spot: Spot): boolean
  /** Draws there, in the place of what was drawn there before; below everything after `caption` when more was printed since. */
  draw(drawing: Drawing, spot: Spot, caption: string): Spot
}

const usualLimits = {
  fetchMs: 10_000,
  restMs: 30_000,
  prepareMs: 2_000,
  waiting: 8,
  perMinute: 30,
  kept: 16,
}

interface Asked {
  readonly key: string
  readonly place: EntryPlace
  readonly cells: Size
  readonly done: (drawing: Drawing | undefined) => void
}

/** The pictures of a chat: fetched one after the other, drawn under their lines, the last ones kept. */
export class ChatPictures {
  readonly #source: PictureSource
  readonly #paper: PicturePaper
  readonly #limits: typeof usualLimits
  readonly #nowMs: () => number
  readonly #waiting: Asked[] = []
  readonly #kept = new Map<string, Drawing>()
  readonly #ending = new AbortController()
  #drawnAtMs: number[] = []
  #restsUntilMs = -Infinity
  #work: Promise<void> | undefined

  constructor(
    source: PictureSource,
    paper: PicturePaper,
    limits: Partial<typeof usualLimits> = {},
    nowMs: () => number = () => performance.now(),
  ) {
    this.#source = source
    this.#paper = paper
    this.#limits = { ...usualLimits, ...limits }
    this.#nowMs = nowMs
  }

  /** Draws the picture of the entry that was printed last, at once or when it is here. */
  show({ entry, seq, conversationId }: PlacedEntry): void {
    const image = imageOf(entry)
    if (!image || this.#ending.signal.aborted || !this.#mayDraw()) return
    const [cells, caption] = [this.#source.cells(image), `~ the picture of #${seq}:`]
    const key = keyOf(image, cells)
    let spot = this.#paper.spot()
    const kept = this.#kept.get(key)
    if (kept) return void this.#paper.draw(kept, spot, caption)
    let isDone = false
    const done = (drawing: Drawing | undefined) => {
      isDone = true
      if (drawing) this.#paper.draw(drawing, spot, caption)
    }
    this.#ask({ key, place: { conversationId, seq }, cells, done })
    // One that cannot be drawn is missed by nobody: the words are there.
    const placeholder = this.#source.placeholder(image, cells).catch(() => undefined)
    void placeholder.then((drawing) => {
      // Whoever reads on already needs none.
      const isWanted = !isDone && this.#paper.isLast(spot) && !this.#ending.signal.aborted
      if (drawing && isWanted) spot = this.#paper.draw(drawing, spot, caption)
    })
  }

  /** Fetches the newest pictures among entries that are about to be shown, which wait for 2 s at most. */
  async prepare(entries: readonly PlacedEntry[]): Promise<void> {
    const fetched: Promise<unknown>[] = []
    const withImage = entries.filter(({ entry }) => imageOf(entry)).slice(-this.#limits.waiting)
    for (const { entry, conversationId, seq } of withImage) {
      const image = imageOf(entry)
      const cells = image && this.#source.cells(image)
      if (!cells || this.#kept.has(keyOf(image, cells))) continue
      const about = { key: keyOf(image, cells), place: { conversationId, seq }, cells }
      fetched.push(new Promise((done) => this.#ask({ ...about, done })))
    }
    const limit = Promise.withResolvers<void>()
    const timer = setTimeout(limit.resolve, this.#limits.prepareMs)
    await Promise.race([Promise.all(fetched), limit.promise])
    clearTimeout(timer)
  }

  /** Ends with what is being fetched; nothing is drawn from now on. */
  async close(): Promise<void> {
    this.#ending.abort()
    await this.#work
  }

  #ask(asked: Asked): void {
    this.#waiting.push(asked)
    // The newest are those that somebody looks at.
    if (this.#waiting.length > this.#limits.waiting) this.#waiting.shift()?.done(undefined)
    this.#work ??= this.#fetchAll().finally(() => (this.#work = undefined))
  }

  async #fetchAll(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const drawing = this.#kept.get(next.key) ?? (await this.#fetched(next))
      next.done(this.#ending.signal.aborted ? undefined : drawing)
    }
  }

  async #fetched({ key, place, cells }: Asked): Promise<Drawing | undefined> {
    if (this.#nowMs() < this.#restsUntilMs || this.#ending.signal.aborted) return undefined
    const limit = AbortSignal.timeout(this.#limits.fetchMs)
    try {
      const signal = AbortSignal.any([limit, this.#ending.signal])
      const drawing = await this.#source.picture(place, cells, signal)
      this.#keep(key, drawing)
      return drawing
    } catch (error) {
      // The words are there: `parley show` says why there is no picture.
      if (limit.aborted || isAway(error)) this.#restsUntilMs = this.#nowMs() + this.#limits.restMs
      return undefined
    }
  }

  #keep(key: string, drawing: Drawing): void {
    this.#kept.set(key, drawing)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > this.#limits.kept && oldest !== undefined) this.#kept.delete(oldest)
  }

  #mayDraw(): boolean {
    const nowMs = this.#nowMs()
    this.#drawnAtMs = this.#drawnAtMs.filter((atMs) => nowMs - atMs < 60_000)
    if (this.#drawnAtMs.length >= this.#limits.perMinute) return false
    this.#drawnAtMs.push(nowMs)
    return true
  }
}

// On a screen of another size it is another drawing.
function keyOf({ imageId }: chat.Image, { width, height }: Size): string {
  return `${imageId} ${width}x${height}`
}
