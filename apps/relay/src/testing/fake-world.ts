import { SteppedScheduler } from './stepped-scheduler.ts'
import type { Journal } from '../store/journal.ts'
import { memoryJournal } from '../store/memory-journal.ts'
import { engineWorld } from './engine-world.ts'
import type { EngineWorld, EngineWorldParts, Login } from './engine-world.ts'
import { FakeDevice } from './fake-device.ts'
import type { HelloOptions } from './fake-device.ts'

/** An engine on a journal in memory, in a time that the test owns. */
export interface FakeWorld extends EngineWorld {
  readonly scheduler: SteppedScheduler
  readonly journal: Journal
  /** Lets everything happen that can happen now. */
  settle(): Promise<void>
  /** Waits for what needs the engine to go on. */
  done<T>(promise: Promise<T>): Promise<T>
  /** Opens a stream and says hello. */
  connect(login: Login, options?: HelloOptions): FakeDevice
}

/** What a fake world may be given. */
export interface FakeWorldOptions extends Partial<Omit<EngineWorldParts, 'scheduler' | 'journal'>> {
  readonly seed?: number
  /** Puts something between the engine and its journal. */
  readonly around?: (journal: Journal, scheduler: SteppedScheduler) => Journal
}

/** An empty fake world. */
export function fakeWorld(options: FakeWorldOptions = {}): FakeWorld {
  const scheduler = new SteppedScheduler({ seed: options.seed ?? 1 })
  const memory = memoryJournal(scheduler, (name, error) => {
    throw new Error(`the command ${name} failed`, { cause: error })
  })
  const journal = options.around?.(memory, scheduler) ?? memory
  const world = engineWorld({ ...options, scheduler, journal })
  const done = async <T>(promise: Promise<T>): Promise<T> => {
    // Whoever awaits it later hears of a failure.
    promise.catch(() => undefined)
    await scheduler.advance(0)
    return promise
  }
  return {
    ...world,
    scheduler,
    journal,
    done,
    settle: () => scheduler.advance(0),
    run: (name, input) => done(world.run(name, input)),
    outcome: (command) => done(world.outcome(command)),
    register: (name) => drive(scheduler, world.register(name)),
    another: (login) => drive(scheduler, world.another(login)),
    befriend: (one, other) => drive(scheduler, world.befriend(one, other)),
    group: (owner, ...members) => drive(scheduler, world.group(owner, ...members)),
    connect: (login, hello) => new FakeDevice(world, login).hello(hello),
  }
}

/** Lets a promise of several steps come to its end. */
async function drive<T>(scheduler: SteppedScheduler, promise: Promise<T>): Promise<T> {
  let isOver = false
  const over = () => void (isOver = true)
  promise.then(over, over)
  while (!isOver) await scheduler.advance(0)
  return promise
}
