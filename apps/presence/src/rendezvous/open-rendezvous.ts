import { assertMayListen, formatAddress } from '@parley/service-kit'
import type { CloseStack, Scheduler } from '@parley/service-kit'
import type { Events } from '../events.ts'
import { rendezvousLimits as limits } from '../limits.ts'
import { closeDoors, openDoors, sendBy } from './doors.ts'
import { plainAddress } from './endpoint.ts'
import { hearing } from './hearing.ts'
import type { NameBook } from './name-book.ts'
import { Rendezvous } from './rendezvous.ts'
import type { RendezvousParts } from './rendezvous.ts'

/** What opening a rendezvous takes. */
export interface RendezvousOptions {
  readonly host: string
  /** Of datagrams and connections alike; 0 for any free one. */
  readonly port: number
  readonly allowPlaintext: boolean
  readonly scheduler: Scheduler
  readonly events: Events
  /** Whether clients are told where others see them. */
  readonly where: boolean
  /** Whose names are, for the seed's protocol; undefined when that is not served, and nobody can connect. */
  readonly names: NameBook | undefined
}

/** Opens what is served; resolves to where that is. */
export async function openRendezvous(
  options: RendezvousOptions,
  closers: CloseStack,
): Promise<string> {
  const { host, allowPlaintext, scheduler, events, where, names } = options
  assertMayListen({ host, tls: false, allowPlaintext })
  const doors = await openDoors({ ...options, connections: names !== undefined })
  closers.push('rendezvous doors', () => closeDoors(doors))
  const { port } = doors.datagrams.address()
  const send = sendBy(doors.datagrams)
  const seed = names && openSeed({ scheduler, names, events, port, send }, closers)
  doors.connections?.on('connection', (socket) => seed?.arrived(socket))
  const hear = hearing({ scheduler, send, where, seed })
  doors.datagrams.on('message', (bytes, { address, port: from }) =>
    hear(bytes, { address: plainAddress(address), port: from }),
  )
  return formatAddress(host, port)
}

function openSeed(parts: RendezvousParts, closers: CloseStack): Rendezvous {
  const { scheduler } = parts
  const seed = new Rendezvous(parts)
  closers.push('rendezvous', () => seed.close())
  const sweeps = scheduler.every(limits.sweepMs, () => seed.sweep())
  closers.push('rendezvous sweeps', () => sweeps.cancel())
  closers.push(
    'rendezvous rechecks',
    everyAfterAnother(scheduler, () => seed.recheck()),
  )
  return seed
}

// One at a time, however long the relay takes to answer.
function everyAfterAnother(scheduler: Scheduler, work: () => Promise<void>): () => void {
  let isBusy = false
  const timer = scheduler.every(limits.recheckMs, () => {
    if (isBusy) return
    isBusy = true
    void work().finally(() => (isBusy = false))
  })
  return () => timer.cancel()
}
