import { crc32 } from 'node:zlib'
import { chat } from '@parley/proto'
import { Connection } from '../session/connection.ts'
import type { Outlet } from '../session/outlet.ts'
import type { EngineWorld } from '../testing/engine-world.ts'
import type { ProcessClock } from './process-clock.ts'
import type { SimClock } from './sim-clock.ts'

export type Event = NonNullable<chat.Event['event']>
export type CommandCase = NonNullable<chat.Command['command']>

/** The client's side of a stream. */
export interface LinkEnd {
  took(events: readonly Event[]): void
  /** The stream is over; called once. */
  over(why: string): void
}

/** Frames that fit into the connection of a client that does not read. */
const windowFrames = 4

/** How a network treats everything. */
export interface NetworkState {
  minMs: number
  maxMs: number
  /** Everything that crossed it, in order. */
  digest: number
}

/** One stream between a client and a relay: bytes both ways, late, and lost when it breaks. */
export class Link implements Outlet {
  readonly #clock: SimClock
  readonly #process: ProcessClock
  readonly #network: NetworkState
  readonly #connection: Connection
  readonly #world: EngineWorld
  readonly #end: LinkEnd
  #upAtMs = 0
  #downAtMs = 0
  #isHalfOpen = false
  #clientIsOver = false
  #serverIsOver = false
  #reads = true
  #held: Buffer[] = []
  #isPaused = false
  #uploads: Buffer[] = []

  constructor(
    clock: SimClock,
    process: ProcessClock,
    network: NetworkState,
    world: EngineWorld,
    end: LinkEnd,
  ) {
    this.#clock = clock
    this.#process = process
    this.#network = network
    this.#world = world
    this.#end = end
    this.#connection = new Connection(world.engine, this, ({ reason }) => this.#refused(reason))
    world.connections.add(this.#connection)
  }

  get isOpen(): boolean {
    return !this.#clientIsOver
  }

  get reads(): boolean {
    return this.#reads
  }

  /** Sends commands in one frame. */
  tell(commands: readonly CommandCase[]): void {
    const request = { commands: commands.map((command) => ({ command })) }
    this.tellFrame(Buffer.from(chat.ConnectRequest.encode(request).finish()))
  }

  /** Sends a frame. */
  tellFrame(frame: Buffer): void {
    if (this.#clientIsOver) return
    this.#digest(frame)
    this.#upAtMs = Math.max(this.#upAtMs, this.#clock.monotonic() + this.#latencyMs())
    this.#at(this.#upAtMs, () => {
      if (!this.#isHalfOpen) this.#process.run(() => this.#arrive(frame))
    })
  }

  write(frame: Buffer): boolean {
    // What the engine shares between sessions it may not change; what is written is on its way.
    this.#downAtMs = Math.max(this.#downAtMs, this.#clock.monotonic() + this.#latencyMs())
    this.#at(this.#downAtMs, () => this.#deliver(frame))
    if (this.#reads) return true
    return this.#held.length < windowFrames
  }

  end(): void {
    this.#close('ended')
  }

  destroy(): void {
    this.#close('reset')
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#process.soon(() => this.#takeUploads())
  }

  /** The client stops reading. */
  stopReading(): void {
    this.#reads = false
  }

  /** The client reads what waits, and on. */
  readOn(): void {
    this.#reads = true
    for (const frame of this.#held.splice(0)) this.#take(frame)
    this.#process.run(() => {
      if (!this.#serverIsOver) this.#connection.drained()
    })
  }

  /** The connection breaks; each side hears of it in its time. */
  cut(): void {
    this.#clientOver('cut', this.#clock.between(0, 20))
    this.#at(this.#clock.monotonic() + this.#clock.between(0, 200), () => this.#serverOver())
  }

  /** Nothing crosses any more, and nobody is told. */
  breakSilently(): void {
    this.#isHalfOpen = true
  }

  /** The client gives it up. */
  abandon(): void {
    this.#clientIsOver = true
    const afterMs = this.#isHalfOpen ? this.#clock.between(5_000, 30_000) : this.#latencyMs()
    this.#at(this.#clock.monotonic() + afterMs, () => this.#serverOver())
  }

  /** The relay is gone; the client hears of it after so long. */
  relayGone(afterMs: number): void {
    this.#serverIsOver = true
    this.#clientOver('relay gone', afterMs)
  }

  #arrive(frame: Buffer): void {
    this.#uploads.push(frame)
    this.#takeUploads()
  }

  #takeUploads(): void {
    while (!this.#isPaused && !this.#serverIsOver) {
      const frame = this.#uploads.shift()
      if (frame === undefined) return
      this.#connection.frame(chat.ConnectRequest.decode(frame))
    }
  }

  #deliver(frame: Buffer): void {
    if (this.#clientIsOver || this.#isHalfOpen) return
    if (this.#reads) this.#take(frame)
    else this.#held.push(frame)
  }

  #take(frame: Buffer): void {
    if (this.#clientIsOver) return
    this.#digest(frame)
    const events: Event[] = []
    for (const { event } of chat.ConnectResponse.decode(frame).events) {
      if (event !== undefined) events.push(event)
    }
    this.#end.took(events)
  }

  #refused(reason: string): void {
    this.#close(`refused ${reason}`)
  }

  /** The server has ended it: what was written still arrives, and then the end. */
  #close(why: string): void {
    const atMs = Math.max(this.#downAtMs, this.#clock.monotonic() + this.#latencyMs())
    if (!this.#isHalfOpen) this.#clientOver(why, atMs - this.#clock.monotonic())
    this.#process.soon(() => this.#serverOver())
  }

  #clientOver(why: string, afterMs: number): void {
    this.#at(this.#clock.monotonic() + afterMs, () => {
      if (this.#clientIsOver) return
      this.#clientIsOver = true
      this.#end.over(why)
    })
  }

  #serverOver(): void {
    this.#process.run(() => {
      if (this.#serverIsOver) return
      this.#serverIsOver = true
      this.#connection.ended(false)
      this.#world.connections.remove(this.#connection)
    })
  }

  #digest(frame: Buffer): void {
    this.#network.digest = crc32(frame, this.#network.digest)
  }

  #latencyMs(): number {
    return this.#clock.between(this.#network.minMs, this.#network.maxMs)
  }

  #at(atMs: number, fn: () => void): void {
    this.#clock.setTimer(atMs - this.#clock.monotonic(), fn)
  }
}
