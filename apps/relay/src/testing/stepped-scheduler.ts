import { FakeScheduler } from '@parley/testkit'

/** A fake scheduler of which a test can run one callback at a time, to stop in the middle of things. */
export class SteppedScheduler extends FakeScheduler {
  readonly #waiting: (() => void)[] = []

  override soon(fn: () => void): void {
    this.#waiting.push(fn)
    super.soon(() => this.turn())
  }

  /** Runs the callback that is next in this instant, if there is one. */
  turn(): void {
    this.#waiting.shift()?.()
  }
}
