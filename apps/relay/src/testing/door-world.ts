import { join } from 'node:path'
import type { ChannelCredentials } from '@grpc/grpc-js'
import { systemScheduler } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { tempFolder } from '@parley/testkit'
import { onTestFinished } from 'vitest'
import { chatService } from '../dialects/grpc/connect.ts'
import { grpcDialect } from '../dialects/grpc/grpc-dialect.ts'
import { webDialect } from '../dialects/web/web-dialect.ts'
import type { Dialect } from '../door/dialect.ts'
import { openDoor } from '../door/listener.ts'
import type { Door, DoorOptions } from '../door/listener.ts'
import type { Journal } from '../store/journal.ts'
import { memoryJournal } from '../store/memory-journal.ts'
import { SqliteJournal } from '../store/sqlite/sqlite-journal.ts'
import { engineWorld } from './engine-world.ts'
import type { EngineWorld, EngineWorldParts, Login } from './engine-world.ts'
import { WireDevice } from './wire-device.ts'
import type { HelloOptions } from './fake-device.ts'

/** An engine behind a real door, in real time that a test can hurry. */
export interface DoorWorld extends EngineWorld {
  readonly door: Door
  /** Makes everybody think that so much time has passed. */
  hurry(ms: number): void
  /** A connection, without a word on it. */
  dial(secured?: ChannelCredentials): WireDevice
  /** A connection that has said hello. */
  connect(login: Login, options?: HelloOptions): WireDevice
}

/** What a dialect of a test may be made of. */
export interface DialectWorld extends EngineWorld {
  readonly scheduler: Scheduler
  readonly journal: Journal
}

/** What a door world may be given. */
export type DoorWorldOptions = Partial<Omit<EngineWorldParts, 'scheduler' | 'journal'>> &
  Partial<Omit<DoorOptions, 'dialects' | 'scheduler'>> & {
    /** What is spoken beside gRPC and WebSocket. */
    readonly dialects?: (world: DialectWorld) => readonly Dialect[]
    /** The journal lies in a file, as in a relay; else in memory, which is there at once. */
    readonly onDisk?: boolean
  }

/** Opens a door world that is closed when the test ends. */
export async function doorWorld(options: DoorWorldOptions = {}): Promise<DoorWorld> {
  const journal = options.onDisk ? await journalOnDisk() : memoryJournal(systemScheduler, failed)
  let skewMs = 0
  const scheduler = {
    ...systemScheduler,
    now: () => systemScheduler.now() + skewMs,
    monotonic: () => systemScheduler.monotonic() + skewMs,
  }
  const world = engineWorld({ ...options, scheduler, journal })
  const door = await openDoor({
    host: '127.0.0.1',
    port: 0,
    allowPlaintext: false,
    maxConnections: 1_000,
    maxConnectionsPerAddress: 1_000,
    ...options,
    scheduler,
    dialects: [
      grpcDialect([chatService(world.engine, world.connections)]),
      webDialect({ ...world, services: [], webOrigins: ['https://chat.example'], log: unheard }),
      ...(options.dialects?.({ ...world, scheduler, journal }) ?? []),
    ],
  })
  const devices: WireDevice[] = []
  onTestFinished(async () => {
    for (const device of devices) device.close()
    await door.close()
    await world.closers.close()
    await journal.close()
  })
  const dial = (secured?: ChannelCredentials) => {
    const device = new WireDevice(door.address, secured)
    devices.push(device)
    return device
  }
  return {
    ...world,
    door,
    hurry: (ms) => void (skewMs += ms),
    dial,
    connect: (login, hello) => dial().hello(login, hello),
  }
}

/** Nothing is called by HTTP here. */
const unheard = { error: () => undefined }

async function journalOnDisk(): Promise<Journal> {
  return SqliteJournal.open(join(await tempFolder(), 'myim.sqlite'), {
    failed,
    lost: (code) => fatal(new Error(code)),
    fatal,
  })
}

function failed(command: string, error: unknown): void {
  throw new Error(`the command ${command} failed`, { cause: error })
}

function fatal(error: Error): void {
  throw error
}
