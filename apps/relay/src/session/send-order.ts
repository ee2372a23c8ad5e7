import { bytesKey } from '../domain/bytes.ts'

/** The most conversations in which one session may have an unresolved message. */
export const maxUnresolved = 1_000

interface Unresolved {
  readonly clientKey: string
  readonly number: number
}

/** Keeps a session's order per conversation, and counts what has no answer yet. */
export class SendOrder {
  /** By conversation: the first message whose outcome is not known. */
  readonly #unresolved = new Map<string, Unresolved>()
  readonly #changed: () => void
  readonly #changedLater: () => void
  #inFlight = 0
  #begun = 0

  /**
   * `changed` is called when a message was answered. A batch that is lost leaves many without an
   * answer, one after the other: nothing may go out before all of them are known, so then it is
   * `changedLater`.
   */
  constructor(changed: () => void, changedLater = changed) {
    this.#changed = changed
    this.#changedLater = changedLater
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** True when an earlier message to the same conversation must be repeated first. */
  mustWait(orderKey: string, clientId: Uint8Array): boolean {
    const first = this.#unresolved.get(orderKey)
    if (first === undefined) return this.#unresolved.size >= maxUnresolved
    return first.clientKey !== bytesKey(clientId)
  }

  /**
   * A message that need not wait is on its way. If it is the one that was repeated, what follows it
   * now stands behind it in the journal's queue, and is lost if it is lost again.
   */
  goes(orderKey: string, clientId: Uint8Array): void {
    if (this.#unresolved.size === 0) return
    if (this.#unresolved.get(orderKey)?.clientKey === bytesKey(clientId)) {
      this.#unresolved.delete(orderKey)
    }
  }

  /** A message came in; answers its number, by which `unresolved` knows what was sent before what. */
  begin(): number {
    this.#inFlight += 1
    this.#begun += 1
    return this.#begun
  }

  /** A message was accepted or refused. */
  resolved(orderKey: string, clientId: Uint8Array): void {
    this.goes(orderKey, clientId)
    this.#inFlight -= 1
    this.#changed()
  }

  /**
   * Nobody knows what became of a message: the first of its conversation goes first again. A later one
   * may be told before it, when the journal's queue is full or a receipt cannot be checked.
   */
  unresolved(orderKey: string, clientId: Uint8Array, number: number): void {
    const first = this.#unresolved.get(orderKey)
    if (first === undefined || number < first.number) {
      this.#unresolved.set(orderKey, { clientKey: bytesKey(clientId), number })
    }
    this.#inFlight -= 1
    this.#changedLater()
  }
}
