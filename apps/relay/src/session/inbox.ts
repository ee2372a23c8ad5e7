import type { chat } from '@parley/proto'

/** The most sends of one session without an answer; further commands wait, and the stream is not read. */
export const maxInFlight = 64
/** The most decoded commands that wait; one frame can hold more, so it is checked per frame. */
export const maxCommandsPerFrame = 20_000

/** One command of a device. */
export type Command = NonNullable<chat.Command['command']>

/** Carries out one command; a promise means: no other command before it is settled. */
type CarryOut = (command: Command) => Promise<void> | undefined

/** What an inbox needs of its session. */
export interface InboxSide {
  carryOut: CarryOut
  /** Milliseconds to wait before this command, or 0. */
  pauseBefore(command: Command): number
  inFlight(): number
  pause(): void
  resume(): void
  wakeAfter(ms: number): void
  failed(error: unknown): void
}

/** Commands of a device in their order. Reads from the stream only while it keeps up. */
export class Inbox {
  readonly #side: InboxSide
  #commands: Command[] = []
  #at = 0
  #busy = false
  #paused = false
  #closed = false

  constructor(side: InboxSide) {
    this.#side = side
  }

  /** Takes in the commands of a frame. */
  take(commands: readonly chat.Command[]): void {
    for (const { command } of commands) if (command !== undefined) this.#commands.push(command)
    this.proceed()
  }

  /** Goes on with what waits, as far as limits allow. */
  proceed(): void {
    while (!this.#busy && !this.#closed && this.#at < this.#commands.length) {
      const command = this.#commands[this.#at]
      if (command === undefined || this.#mustWait(command)) break
      this.#at += 1
      this.#begin(command)
    }
    this.#adjustReading()
  }

  /** Takes no more commands. */
  close(): void {
    this.#closed = true
    this.#commands = []
    this.#at = 0
  }

  #mustWait(command: Command): boolean {
    if (command.$case === 'send' && this.#side.inFlight() >= maxInFlight) return true
    const pauseMs = this.#side.pauseBefore(command)
    if (pauseMs > 0) this.#side.wakeAfter(pauseMs)
    return pauseMs > 0
  }

  #begin(command: Command): void {
    try {
      const done = this.#side.carryOut(command)
      if (done !== undefined) this.#await(done)
    } catch (error) {
      this.#side.failed(error)
    }
  }

  #await(done: Promise<void>): void {
    this.#busy = true
    done.then(
      () => this.#settled(),
      (error: unknown) => {
        // First told: it may end the stream, and then nothing after this command counts.
        this.#side.failed(error)
        this.#settled()
      },
    )
  }

  #settled(): void {
    this.#busy = false
    this.proceed()
  }

  #adjustReading(): void {
    const waits = this.#at < this.#commands.length
    if (!waits) {
      this.#commands = []
      this.#at = 0
    }
    if (waits === this.#paused || this.#closed) return
    this.#paused = waits
    if (waits) this.#side.pause()
    else this.#side.resume()
  }
}
