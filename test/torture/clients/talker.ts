import { idText } from '@parley/client'
import { delay, systemScheduler } from '@parley/service-kit'
import type { EventCase } from '../../harness/wire.ts'
import { Device } from './device.ts'
import type { DeviceOptions, Message } from './device.ts'
import { edit, messageOf, recall, text } from './messages.ts'
import type { Target } from './messages.ts'

/** Where a talker talks, and how much. */
export interface TalkerOptions extends Omit<DeviceOptions, 'listener'> {
  readonly targets: readonly Target[]
  readonly random: () => number
}

interface Said {
  readonly message: Message
  readonly to: Target
  readonly seq: number
}

const longestBurst = 24
const mostWaiting = 96
/** So many own texts are remembered, to be edited, recalled and repeated. */
const mostSaid = 200

/** A device that goes on saying things: texts, replies, edits, recalls, and repetitions. */
export class Talker {
  readonly device: Device
  readonly #options: TalkerOptions
  readonly #said: Said[] = []
  readonly #open = new Map<string, { message: Message; to: Target }>()
  #count = 0

  constructor(options: TalkerOptions) {
    this.#options = options
    this.device = new Device({ ...options, listener: (event) => this.#heard(event) })
  }

  /** Talks in bursts, so many messages a second, until the signal aborts. */
  async talk(perSecond: number, signal: AbortSignal): Promise<void> {
    const { random } = this.#options
    while (!signal.aborted) {
      const burst = 1 + Math.floor(random() * longestBurst)
      for (let i = 0; i < burst && this.device.waiting < mostWaiting; i += 1) this.#say()
      await delay(systemScheduler, (burst / perSecond) * 1_000)
    }
  }

  #say(): void {
    const { random, targets } = this.#options
    const to = targets[Math.floor(random() * targets.length)]
    if (!to) return
    const chance = random()
    const old = this.#said[Math.floor(random() * this.#said.length)]
    if (old && chance < 0.04) return this.device.repeat(old.message)
    const isText = old?.message.kind === 'text'
    if (isText && chance < 0.1) return this.#send(old.to, edit(old.seq, this.#words()))
    if (isText && chance < 0.13) return this.#send(old.to, recall(old.seq))
    if (chance < 0.2) return this.#send(to, text(this.#words(), this.#replyable(to)))
    this.#send(to, text(this.#words()))
  }

  #send(to: Target, saying: Parameters<typeof messageOf>[1]): void {
    const message = messageOf(to, saying)
    this.#open.set(message.id, { message, to })
    this.device.say(message)
  }

  // Any entry that this device has been told of may be replied to.
  #replyable(to: Target): number | undefined {
    const newest = 'conversationId' in to ? this.device.positions.seq(to.conversationId) : 0
    return newest > 0 ? newest : undefined
  }

  #words(): string {
    this.#count += 1
    const words = `${this.#options.name} #${this.#count}`
    const chance = this.#options.random()
    if (chance < 0.03) return `${words} ${'long '.repeat(600)}`
    return chance < 0.15 ? `${words} 你好，世界 🦜 ñ` : words
  }

  #heard(event: EventCase): void {
    if (event.$case === 'refused' && event.value.reason !== 'PREDECESSOR') {
      this.#open.delete(idText(event.value.clientMessageId))
    }
    if (event.$case !== 'accepted') return
    const id = idText(event.value.clientMessageId)
    const open = this.#open.get(id)
    if (!open) return
    this.#open.delete(id)
    this.#said.push({ ...open, seq: event.value.seq })
    if (this.#said.length > mostSaid) this.#said.shift()
  }
}
