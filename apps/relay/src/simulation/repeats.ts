import type { Outbox, Waiting } from './outbox.ts'

/** Messages that were accepted before and are under way again, beside the outbox. */
export class Repeats {
  readonly #outbox: Outbox
  readonly #underWay = new Map<string, Waiting>()
  /** Sent with other words than before: a conflict is what they should meet. */
  readonly #changed = new Set<string>()

  constructor(outbox: Outbox) {
    this.#outbox = outbox
  }

  get size(): number {
    return this.#underWay.size
  }

  get ids(): readonly string[] {
    return [...this.#underWay.keys()]
  }

  /** The message under way, if it is one of these. */
  get(id: string): Waiting | undefined {
    return this.#underWay.get(id)
  }

  /** Begins; false when the message is under way already. */
  begin(item: Waiting, isChanged: boolean): boolean {
    const id = item.id.toString('hex')
    if (this.#outbox.has(id) || this.#underWay.has(id)) return false
    this.#underWay.set(id, item)
    if (isChanged) this.#changed.add(id)
    return true
  }

  /** It is answered for good. */
  answered(id: string): void {
    this.#underWay.delete(id)
  }

  /** True, once, when a conflict was to be expected. */
  takeChanged(id: string): boolean {
    return this.#changed.delete(id)
  }

  /** The stream is gone. */
  clear(): void {
    this.#underWay.clear()
  }
}
