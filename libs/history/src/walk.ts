import type { Received, Stream } from './streams.ts'

/** What is wrong with the order in which a stream told a conversation. */
interface Misstep {
  readonly conversation: string
  readonly seq: number
  /** What the device had before. */
  readonly level: number
}

/** A stream followed step by step. */
export interface Walk {
  /** Told again although nobody had asked. */
  readonly repeats: readonly Misstep[]
  /** Told before what lies between. */
  readonly jumps: readonly Misstep[]
  /** By conversation: the device has everything up to there. */
  readonly levels: ReadonlyMap<string, number>
  readonly levelsAtCaughtUp: ReadonlyMap<string, number> | undefined
}

/** Follows a stream, up to an event of the history if need be. */
export function walk(stream: Stream, until = Infinity): Walk {
  const steps = new Steps(stream)
  const caughtUp = stream.caughtUp?.at ?? Infinity
  let levelsAtCaughtUp: ReadonlyMap<string, number> | undefined
  for (const event of stream.received) {
    if (event.at > until) break
    if (event.at > caughtUp) levelsAtCaughtUp ??= new Map(steps.levels)
    steps.take(event)
  }
  if (stream.caughtUp && caughtUp <= until) levelsAtCaughtUp ??= new Map(steps.levels)
  return { repeats: steps.repeats, jumps: steps.jumps, levels: steps.levels, levelsAtCaughtUp }
}

class Steps {
  readonly levels: Map<string, number>
  readonly repeats: Misstep[] = []
  readonly jumps: Misstep[] = []
  /** Told something of by this stream, or known to it by a cursor. */
  readonly #known: Set<string>
  readonly #pulled = new Set<string>()
  /** Own messages of which the stream has told the number; their entries may still come, once. */
  readonly #own = new Set<string>()

  constructor(stream: Stream) {
    this.levels = new Map(Object.entries(stream.connect.cursors))
    this.#known = new Set(this.levels.keys())
  }

  take(event: Received): void {
    switch (event.f) {
      case 'pull':
        this.#pulled.add(event.conversation)
        return
      case 'send':
        this.#accepted(event.conversation, event.seq, event.duplicate)
        return
      case 'gap':
        // A gap may begin before what the device has: it is no entry.
        this.#move(event.conversation, Math.max(event.from, 1), event.to, false)
        return
      case 'entries':
        this.#move(event.conversation, event.first, event.first + event.entries.length - 1, true)
    }
  }

  /** A session is spared its own message when that is the next one. */
  #accepted(conversation: string, seq: number, duplicate: boolean): void {
    if (duplicate || !this.#known.has(conversation)) return
    if (this.levels.get(conversation) !== seq - 1) return
    this.levels.set(conversation, seq)
    this.#own.add(`${conversation} ${seq}`)
  }

  #move(conversation: string, from: number, to: number, isStrict: boolean): void {
    const level = this.levels.get(conversation) ?? 0
    this.#known.add(conversation)
    if (from > level + 1) this.jumps.push({ conversation, seq: from, level })
    if (from <= level && isStrict && !this.#pulled.has(conversation)) {
      this.#judgeRepeat(conversation, from, Math.min(level, to), level)
    }
    this.levels.set(conversation, Math.max(level, to))
  }

  #judgeRepeat(conversation: string, from: number, to: number, level: number): void {
    for (let seq = from; seq <= to; seq += 1) {
      if (this.#own.delete(`${conversation} ${seq}`)) continue
      this.repeats.push({ conversation, seq, level })
      return
    }
  }
}
