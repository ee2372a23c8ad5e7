/** A number that only grows. */
export interface Counter {
  /** Adds `amount`, 1 unless told. */
  add(amount?: number): void
}

const maxMetrics = 1_000

/** The numbers of one process, by name: counters that parts count up, gauges read when asked. */
export class Metrics {
  readonly #counts = new Map<string, number>()
  readonly #gauges = new Map<string, () => number>()

  /** The counter of that name, made at 0 on first use. */
  counter(name: string): Counter {
    if (!this.#counts.has(name)) {
      this.#makeRoom()
      this.#counts.set(name, 0)
    }
    const counts = this.#counts
    return { add: (amount = 1) => void counts.set(name, (counts.get(name) ?? 0) + amount) }
  }

  /** Says how to read a number that goes up and down. */
  gauge(name: string, read: () => number): void {
    if (!this.#gauges.has(name)) this.#makeRoom()
    this.#gauges.set(name, read)
  }

  /** All numbers of this moment. */
  snapshot(): Record<string, number> {
    const gauges = [...this.#gauges].map(([name, read]): [string, number] => [name, read()])
    return Object.fromEntries([...this.#counts, ...gauges])
  }

  // Names are written in code; reaching the bound means an id slipped into one.
  #makeRoom(): void {
    if (this.#counts.size + this.#gauges.size >= maxMetrics) {
      throw new RangeError(`more than ${maxMetrics} metrics: is there an id in a name?`)
    }
  }
}
