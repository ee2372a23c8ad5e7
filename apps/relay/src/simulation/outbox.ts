import { chat } from '@parley/proto'
import type { CommandCase } from './link.ts'

/** Where a message goes. */
export type Target =
  | { readonly $case: 'conversationId'; readonly value: Buffer }
  | { readonly $case: 'userId'; readonly value: Buffer }

/** A message that its sender keeps until it has an answer for good. */
export interface Waiting {
  readonly id: Buffer
  readonly target: Target
  readonly kind: 'text' | 'edit' | 'recall'
  readonly body: string
  readonly about: number
  readonly replyTo: number
  isFlying: boolean
}

/** What waits for one conversation, in the order of its first attempts. */
class Lane {
  readonly items: Waiting[] = []
  flying = 0
  /** After an unresolved one the first goes alone. */
  isHolding = false
  notBeforeMs = 0

  ready(nowMs: number): Waiting[] {
    if (this.items.length === 0 || nowMs < this.notBeforeMs) return []
    if (!this.isHolding) return this.items.filter(({ isFlying }) => !isFlying)
    return this.flying === 0 ? this.items.slice(0, 1) : []
  }
}

/**
 * The outbox of a client that keeps its order as the protocol asks: what is unresolved is repeated
 * before anything later, under the same id.
 */
export class Outbox {
  readonly #lanes = new Map<string, Lane>()
  readonly #laneOf = new Map<string, Lane>()

  get size(): number {
    return this.#laneOf.size
  }

  add(item: Waiting): void {
    const lane = this.#laneTo(item.target)
    lane.items.push(item)
    this.#laneOf.set(item.id.toString('hex'), lane)
  }

  /** Everything that may go now; it is on its way from here on. */
  take(nowMs: number): Waiting[] {
    const out: Waiting[] = []
    for (const lane of this.#lanes.values()) {
      for (const item of lane.ready(nowMs)) {
        item.isFlying = true
        lane.flying += 1
        out.push(item)
      }
    }
    return out
  }

  has(id: string): boolean {
    return this.#laneOf.has(id)
  }

  /** It was accepted, or refused for good; returns what it was. */
  settled(id: string): Waiting | undefined {
    const lane = this.#laneOf.get(id)
    if (lane === undefined) return undefined
    this.#laneOf.delete(id)
    const at = lane.items.findIndex((item) => item.id.toString('hex') === id)
    if (lane.items[at]?.isFlying === true) lane.flying -= 1
    const [item] = lane.items.splice(at, 1)
    // The first of those that had to wait is through: the others may follow it.
    if (at === 0) lane.isHolding = lane.items.some(({ isFlying }) => isFlying)
    return item
  }

  /** It must be repeated, after whatever stands before it. */
  failed(id: string, notBeforeMs: number): void {
    const lane = this.#laneOf.get(id)
    const item = lane?.items.find((each) => each.id.toString('hex') === id)
    if (lane === undefined || item === undefined) return
    if (item.isFlying) lane.flying -= 1
    item.isFlying = false
    lane.isHolding = true
    lane.notBeforeMs = Math.max(lane.notBeforeMs, notBeforeMs)
  }

  /** The stream is gone; returns what had no answer. */
  grounded(): Waiting[] {
    const out: Waiting[] = []
    for (const lane of this.#lanes.values()) {
      for (const item of lane.items) if (item.isFlying) out.push(item)
      for (const item of lane.items) item.isFlying = false
      lane.flying = 0
      lane.isHolding = false
      lane.notBeforeMs = 0
    }
    return out
  }

  #laneTo({ value }: Target): Lane {
    const key = value.toString('latin1')
    const lane = this.#lanes.get(key) ?? new Lane()
    this.#lanes.set(key, lane)
    return lane
  }
}

/** A message as a command. */
export function sendCommand(item: Waiting): CommandCase {
  const value = chat.Send.create({
    clientMessageId: item.id,
    target: item.target,
    content: { content: contentOf(item) },
    replyToSeq: item.replyTo,
  })
  return { $case: 'send', value }
}

/** What a message says. */
export function contentOf({
  kind,
  body,
  about,
}: Pick<Waiting, 'kind' | 'body' | 'about'>): NonNullable<chat.Content['content']> {
  switch (kind) {
    case 'text':
      return { $case: 'text', value: { text: body } }
    case 'edit':
      return { $case: 'edit', value: { targetSeq: about, text: body } }
    case 'recall':
      return { $case: 'recall', value: { targetSeq: about } }
  }
}
