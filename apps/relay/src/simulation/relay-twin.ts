import { MemoryBus } from '@parley/bus'
import type { MemoryHub } from '@parley/bus'
import { uuidv7 } from '@parley/service-kit'
import type { Logger } from '@parley/service-kit'
import { engineWorld } from '../testing/engine-world.ts'
import type { EngineWorld } from '../testing/engine-world.ts'
import { FaultyBus } from '../testing/faulty-bus.ts'
import type { BusFaults } from '../testing/faulty-bus.ts'
import { JournalTwin } from './journal-twin.ts'
import type { StoreTimes } from './journal-twin.ts'
import { Link } from './link.ts'
import type { LinkEnd, NetworkState } from './link.ts'
import { ProcessClock } from './process-clock.ts'
import type { SimClock } from './sim-clock.ts'
import type { StoreTwin } from './store-twin.ts'

/** Often enough that silence is noticed within a short run. */
const heartbeatMs = 5_000

/** How long it may take until clients know that a machine is gone. */
const silentForMs = 2_000

/** What relays share. */
export interface RelayGround {
  readonly clock: SimClock
  readonly network: NetworkState
  readonly store: StoreTwin
  readonly times: StoreTimes
  /** Where relays meet, when there are several. */
  readonly bus:
    { readonly hub: MemoryHub; readonly faults: BusFaults; readonly log: Logger } | undefined
  /** Notes what an operator would see: something goes wrong, or is over. */
  note(what: string, on: boolean): void
  /** A log line that no correct relay writes. */
  complain(line: string): void
}

/** One relay on its machine: it starts, dies, and starts again. */
export class RelayTwin {
  readonly index: number
  readonly #ground: RelayGround
  readonly #links = new Set<Link>()
  #process: ProcessClock | undefined
  #journal: JournalTwin | undefined
  #world: EngineWorld | undefined
  #bus: FaultyBus | undefined
  #isLeaving = false

  constructor(index: number, ground: RelayGround) {
    this.index = index
    this.#ground = ground
  }

  /** The engine, while it runs. */
  get world(): EngineWorld | undefined {
    return this.#world
  }

  get process(): ProcessClock | undefined {
    return this.#process
  }

  start(): void {
    if (this.#world !== undefined) return
    this.#isLeaving = false
    const { clock, store, times } = this.#ground
    this.#ground.note(this.#isDown, false)
    const process = new ProcessClock(clock)
    this.#process = process
    if (!times.isServer) store.restart(process)
    const journal = new JournalTwin(store, process, times, {
      fatal: () => process.soon(() => this.#die()),
    })
    this.#journal = journal
    this.#world = engineWorld({ scheduler: process, journal, heartbeatMs, ...this.#peers(process) })
  }

  /** Asks its devices to go elsewhere and takes no new ones, as on SIGTERM. */
  drain(deadlineMs: number): void {
    if (this.#world === undefined) return
    this.#ground.note(`relay ${this.index} asks its devices to go`, true)
    this.#ground.note(`relay ${this.index} asks its devices to go`, false)
    this.#isLeaving = true
    this.#world.connections.goAway(deadlineMs)
  }

  /** Ends it at once. With its machine, what the system was handed is lost too. */
  kill(how: 'kill' | 'power cut'): void {
    const world = this.#world
    if (world === undefined) return
    this.#ground.note(this.#isDown, true)
    if (how === 'kill') this.#journal?.killed()
    this.#process?.kill()
    void this.#bus?.close()
    this.#bus = undefined
    this.#world = undefined
    this.#inspect(world)
    this.#tellLinks(how === 'kill' ? 20 : silentForMs)
  }

  /** Opens a stream; undefined while nobody listens. */
  connect(end: LinkEnd): Link | undefined {
    const { clock, network } = this.#ground
    if (this.#world === undefined || this.#process === undefined) return undefined
    if (this.#isLeaving) return undefined
    for (const link of this.#links) if (!link.isOpen) this.#links.delete(link)
    const link = new Link(clock, this.#process, network, this.#world, end)
    this.#links.add(link)
    return link
  }

  /** Streams that are open now. */
  get links(): readonly Link[] {
    return [...this.#links].filter((link) => link.isOpen)
  }

  /** Reports what its log says that no correct relay says. */
  inspect(): void {
    if (this.#world !== undefined) this.#inspect(this.#world)
  }

  #inspect(world: EngineWorld): void {
    for (const { level, msg, ...rest } of world.lines) {
      if (level >= 50 && !isOfTheStore(rest)) {
        this.#ground.complain(`relay ${this.index}: ${msg} ${JSON.stringify(rest)}`)
      }
    }
  }

  /** Clients hear of the end sooner or later; a machine without power says nothing itself. */
  #tellLinks(withinMs: number): void {
    const { clock } = this.#ground
    for (const link of this.#links) link.relayGone(clock.between(0, withinMs))
    this.#links.clear()
    const unheard = `the end of relay ${this.index} is not heard everywhere`
    this.#ground.note(unheard, true)
    clock.setTimer(withinMs, () => this.#ground.note(unheard, false))
  }

  #peers(process: ProcessClock) {
    const { bus } = this.#ground
    if (bus === undefined) return {}
    const memory = new MemoryBus({ hub: bus.hub, scheduler: process, log: bus.log })
    this.#bus = new FaultyBus(memory, process, bus.faults)
    const bootId = uuidv7(process)
    return { peers: { bus: this.#bus, bootId, internalKey: 'the key of the simulation' } }
  }

  get #isDown(): string {
    return `relay ${this.index} is down`
  }

  #die(): void {
    this.kill('kill')
    const { clock } = this.#ground
    clock.setTimer(clock.between(200, 800), () => this.start())
  }
}

/** A session whose log cannot be read now fails, and its device comes again. */
function isOfTheStore(line: Readonly<Record<string, unknown>>): boolean {
  return JSON.stringify(line).includes('STORE_UNAVAILABLE')
}
