import { delay, systemScheduler, within } from '@parley/service-kit'

/** When the power is cut. */
export type Moment =
  /** In the same instant in which a client hears of so many acknowledgements. */
  | { readonly kind: 'acknowledged'; readonly count: number }
  /** In the same instant in which a client hears that an upload is complete. */
  | { readonly kind: 'uploaded' }
  | { readonly kind: 'later'; readonly ms: number }
  /** As `later`, and once more so many milliseconds into the start after it. */
  | { readonly kind: 'starting'; readonly ms: number; readonly startMs: number }

/** The next moment: mostly after acknowledgements, the same for the same seed. */
export function nextMoment(random: () => number): Moment {
  const dice = random()
  if (dice < 0.5) return { kind: 'acknowledged', count: 20 + Math.floor(random() * 400) }
  if (dice < 0.7) return { kind: 'uploaded' }
  const ms = 50 + Math.floor(random() * 600)
  if (dice < 0.9) return { kind: 'later', ms }
  return { kind: 'starting', ms, startMs: Math.floor(random() * 1_000) }
}

/** Counts what clients hear and acts in the instant that was asked for. */
export class Watch {
  #left = 0
  #kind: Moment['kind'] = 'later'
  #act: (() => void) | undefined

  /** A client heard of an acknowledgement. */
  acknowledged(): void {
    this.#heard('acknowledged')
  }

  /** A client heard that an upload is complete. */
  uploaded(): void {
    this.#heard('uploaded')
  }

  /** Calls `act` in the moment itself, at the latest after so many milliseconds. */
  async wait(moment: Moment, limitMs: number, act: () => Promise<void>): Promise<void> {
    if ('ms' in moment) {
      await delay(systemScheduler, moment.ms)
      return act()
    }
    let acting: Promise<void> | undefined
    const come = new Promise<void>((resolve) => {
      this.#kind = moment.kind
      this.#left = 'count' in moment ? moment.count : 1
      this.#act = () => {
        acting = act()
        resolve()
      }
    })
    // Beyond the limit any moment will do: the load itself is judged elsewhere.
    await within(systemScheduler, limitMs, 'the moment', come).catch(() => undefined)
    this.#act = undefined
    await (acting ?? act())
  }

  #heard(kind: Moment['kind']): void {
    if (this.#kind !== kind || !this.#act) return
    this.#left -= 1
    if (this.#left > 0) return
    const act = this.#act
    this.#act = undefined
    act()
  }
}
