import { MemoryBus, MemoryHub } from '@parley/bus'
import { uuidv7 } from '@parley/service-kit'
import { recordingLogger } from '@parley/testkit'
import type { Journal } from '../store/journal.ts'
import { memoryJournal } from '../store/memory-journal.ts'
import { engineWorld } from './engine-world.ts'
import type { EngineWorld, Login } from './engine-world.ts'
import { FakeDevice } from './fake-device.ts'
import type { HelloOptions } from './fake-device.ts'
import { FaultyBus } from './faulty-bus.ts'
import { SteppedScheduler } from './stepped-scheduler.ts'

/** The key that the relays of a world share. */
export const sharedKey = 'the key that all relays share'

/** One of several relays. */
interface RelayHere extends EngineWorld {
  readonly bus: FaultyBus
  connect(login: Login, options?: HelloOptions): FakeDevice
}

/** Several engines on one journal in memory and one bus, in a time that the test owns. */
export interface RelaysWorld {
  readonly scheduler: SteppedScheduler
  readonly journal: Journal
  /** Where the relays' buses meet; `stop` and `start` it. */
  readonly hub: MemoryHub
  readonly relays: readonly RelayHere[]
  readonly a: RelayHere
  readonly b: RelayHere
  /** A further bus of the same hub. */
  readonly newBus: () => MemoryBus
  /** Every bus loses everything from now on, or nothing. */
  readonly deafen: (isDeaf: boolean) => void
  readonly settle: () => Promise<void>
  readonly advance: (ms: number) => Promise<void>
  /** Waits for what needs the engines to go on. */
  readonly done: <T>(promise: Promise<T>) => Promise<T>
}

/** What a world of relays may be given. */
export interface RelaysWorldOptions {
  readonly seed?: number
  readonly relays?: number
  /** Puts something between a relay and the journal. */
  readonly around?: (journal: Journal, scheduler: SteppedScheduler) => Journal
}

/** Two relays, or as many as wanted, without anybody. */
export function relaysWorld(options: RelaysWorldOptions = {}): RelaysWorld {
  const scheduler = new SteppedScheduler({ seed: options.seed ?? 1 })
  const journal = memoryJournal(scheduler, (name, error) => {
    throw new Error(`the command ${name} failed`, { cause: error })
  })
  const hub = new MemoryHub()
  const newBus = () => new MemoryBus({ hub, scheduler, log: recordingLogger('bus').log })
  const relays = Array.from({ length: options.relays ?? 2 }, () => {
    const bus = new FaultyBus(newBus(), scheduler)
    const own = options.around?.(journal, scheduler) ?? journal
    return relayHere(scheduler, own, bus)
  })
  const [a, b] = relays
  if (a === undefined || b === undefined) throw new Error('a world has two relays at least')
  return {
    scheduler,
    journal,
    hub,
    relays,
    a,
    b,
    newBus,
    deafen(isDeaf) {
      for (const { bus } of relays) bus.faults.loss = isDeaf ? 1 : 0
    },
    settle: () => scheduler.advance(20),
    advance: (ms) => scheduler.advance(ms),
    async done(promise) {
      let isOver = false
      const over = () => void (isOver = true)
      promise.then(over, over)
      while (!isOver) await scheduler.advance(0)
      return promise
    },
  }
}

function relayHere(scheduler: SteppedScheduler, journal: Journal, bus: FaultyBus): RelayHere {
  const peers = { bus, bootId: uuidv7(scheduler), internalKey: sharedKey }
  const world = engineWorld({ scheduler, journal, peers })
  return { ...world, bus, connect: (login, hello) => new FakeDevice(world, login).hello(hello) }
}
