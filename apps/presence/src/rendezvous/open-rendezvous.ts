import { createSocket } from 'node:dgram'
import type { Socket as DatagramSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Server } from 'node:net'
import { assertMayListen, formatAddress, listenError } from '@parley/service-kit'
import type { CloseStack, Scheduler } from '@parley/service-kit'
import type { Events } from '../events.ts'
import { rendezvousLimits as limits } from '../limits.ts'
import { plainAddress } from './endpoint.ts'
import type { Endpoint } from './endpoint.ts'
import type { NameBook } from './name-book.ts'
import { Rendezvous } from './rendezvous.ts'

/** What opening a rendezvous takes. */
export interface RendezvousOptions {
  readonly host: string
  /** Of datagrams and connections alike; 0 for any free one. */
  readonly port: number
  readonly allowPlaintext: boolean
  readonly scheduler: Scheduler
  readonly names: NameBook
  readonly events: Events
}

/** Opens both doors of the seed's protocol; resolves to where they are. */
export async function openRendezvous(
  options: RendezvousOptions,
  closers: CloseStack,
): Promise<string> {
  const { host, allowPlaintext, scheduler } = options
  assertMayListen({ host, tls: false, allowPlaintext })
  const doors = await openDoors(options)
  const { port } = doors.datagrams.address()
  closers.push('rendezvous doors', () => closeDoors(doors))
  const send = sendBy(doors.datagrams)
  const rendezvous = new Rendezvous({ ...options, port, send })
  closers.push('rendezvous', () => rendezvous.close())
  doors.datagrams.on('message', (bytes, { address, port: from }) =>
    rendezvous.heard(bytes, { address: plainAddress(address), port: from }),
  )
  doors.connections.on('connection', (socket) => rendezvous.arrived(socket))
  const sweeps = scheduler.every(limits.sweepMs, () => rendezvous.sweep())
  closers.push('rendezvous sweeps', () => sweeps.cancel())
  const rechecks = everyAfterAnother(scheduler, () => rendezvous.recheck())
  closers.push('rendezvous rechecks', rechecks)
  return formatAddress(host, port)
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

interface Doors {
  readonly datagrams: DatagramSocket
  readonly connections: Server
}

/** For any free port: one that is free for datagrams may be taken for connections. */
const freePortAttempts = 20

async function openDoors({ host, port }: Pick<RendezvousOptions, 'host' | 'port'>): Promise<Doors> {
  const { address, family } = await lookup(host)
  for (let attempt = 1; ; attempt += 1) {
    const datagrams = createSocket(family === 6 ? 'udp6' : 'udp4')
    try {
      datagrams.bind(port, address)
      await once(datagrams, 'listening')
      return { datagrams, connections: await listen(address, datagrams.address().port) }
    } catch (error) {
      datagrams.close()
      if (port !== 0 || attempt >= freePortAttempts) throw listenError(error, host, port)
    }
  }
}

async function listen(host: string, port: number): Promise<Server> {
  const server = createServer({ noDelay: true })
  server.maxConnections = limits.openConnections
  server.listen({ host, port })
  await once(server, 'listening')
  return server
}

async function closeDoors({ datagrams, connections }: Doors): Promise<void> {
  datagrams.close()
  await new Promise((resolve) => connections.close(resolve))
}

// What cannot be sent is lost as any datagram may be, whether that is told or thrown.
function sendBy(datagrams: DatagramSocket) {
  const isSix = datagrams.address().family === 'IPv6'
  datagrams.on('error', () => undefined)
  return (text: string, { address, port }: Endpoint) => {
    const to = isSix && !address.includes(':') ? `::ffff:${address}` : address
    try {
      datagrams.send(text, port, to, () => undefined)
    } catch {
      // The door is closed.
    }
  }
}
