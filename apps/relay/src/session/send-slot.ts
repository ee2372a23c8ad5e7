import type { SendAnswer } from '../commands/send-input.ts'
import type { Outcome } from '../store/journal.ts'
import type { Waiter } from '../store/commit-queue.ts'
import { framedAccepted } from './framed-accepted.ts'
import { framed } from './frames.ts'
import type { SendOrder } from './send-order.ts'
import type { Session } from './session.ts'

/** When a device should repeat a message whose outcome is not known. */
const retryAfterMs = 1_000

/** A message on its way to disk: tells its session what became of it. */
export class SendSlot implements Waiter {
  readonly session: Session
  readonly #order: SendOrder
  readonly #orderKey: string
  readonly #clientId: Uint8Array
  readonly #number: number

  constructor(session: Session, order: SendOrder, orderKey: string, clientId: Uint8Array) {
    this.session = session
    this.#order = order
    this.#orderKey = orderKey
    this.#clientId = clientId
    this.#number = order.begin()
  }

  settled(outcome: Outcome | undefined): void {
    if (outcome === undefined) this.#unresolved()
    else if (outcome.ok) this.#accepted(outcome.answer as SendAnswer, outcome.duplicate)
    else this.refused(outcome.reason, outcome.message)
  }

  /** Tells the device that nothing was stored and never will be. */
  refused(reason: string, message: string): void {
    const value = { clientMessageId: this.#clientId, reason, message }
    this.session.tell(framed({ $case: 'refused', value }))
    this.#order.resolved(this.#orderKey, this.#clientId)
  }

  #unresolved(): void {
    const value = { clientMessageId: this.#clientId, retryAfterMs }
    this.session.tell(framed({ $case: 'unresolved', value }))
    this.#order.unresolved(this.#orderKey, this.#clientId, this.#number)
  }

  #accepted(answer: SendAnswer, duplicate: boolean): void {
    const { conversation, conversationId, seq, sentAtMs, epoch } = answer
    if (!duplicate) this.session.ownEntry(conversation, seq)
    const clientMessageId = this.#clientId
    const facts = { clientMessageId, conversationId, seq, sentAtMs, duplicate, epoch }
    this.session.tell(framedAccepted(facts))
    this.#order.resolved(this.#orderKey, this.#clientId)
  }
}
