import type { Logger, Scheduler } from '@parley/service-kit'
import { systemScheduler } from '@parley/service-kit'
import type { Bus } from './bus.ts'
import { MemoryBus, MemoryHub } from './memory-bus.ts'
import { NatsBus } from './nats-bus.ts'

/** Which bus a service wants; the fields are those of `ServiceConfig`. */
export interface BusRequest {
  /** `nats://host:port`, `tls://host:port`, or `memory:` for the one inside this process. */
  readonly natsUrl: string
  readonly natsUser?: string | undefined
  readonly natsPassword?: string | undefined
}

/** Who wants it, and what it is made with. */
export interface BusParts {
  /** The service, as it shows in the server's lists. */
  readonly name: string
  readonly log: Logger
  readonly scheduler?: Scheduler
  /** For `memory:`: who shares a hub hears each other; the process's own unless told. */
  readonly hub?: MemoryHub
}

// `memory:` is an address, and all services of a process that are given it must meet there.
const processHub = new MemoryHub()

/**
 * Opens the bus of that address. It resolves also when no server is there: see `connected`, and
 * `onReconnect` for when it comes.
 */
export async function connectBus(request: BusRequest, parts: BusParts): Promise<Bus> {
  const { name, log, scheduler = systemScheduler, hub = processHub } = parts
  if (request.natsUrl === 'memory:') return new MemoryBus({ hub, scheduler, log })
  const { natsUrl: url, natsUser: user, natsPassword: password } = request
  return NatsBus.open({ url, user, password, name, scheduler, log })
}
