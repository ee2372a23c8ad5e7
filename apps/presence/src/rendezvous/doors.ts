import { createSocket } from 'node:dgram'
import type { Socket as DatagramSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Server } from 'node:net'
import { listenError } from '@parley/service-kit'
import { rendezvousLimits as limits } from '../limits.ts'
import type { Endpoint } from './endpoint.ts'
import type { SendDatagram } from './members.ts'

/** Where datagrams and connections come in, at one port. */
export interface Doors {
  readonly datagrams: DatagramSocket
  /** Undefined when there is nobody whom they would be for. */
  readonly connections: Server | undefined
}

/** Which doors are opened, and where; port 0 for any free one. */
export interface DoorsAsked {
  readonly host: string
  readonly port: number
  readonly connections: boolean
}

/** For any free port: one that is free for datagrams may be taken for connections. */
const freePortAttempts = 20

/** Opens them, the one for connections where it is asked for; throws as `listenError` says. */
export async function openDoors({ host, port, connections }: DoorsAsked): Promise<Doors> {
  const { address, family } = await lookup(host)
  for (let attempt = 1; ; attempt += 1) {
    const datagrams = createSocket(family === 6 ? 'udp6' : 'udp4')
    try {
      datagrams.bind(port, address)
      await once(datagrams, 'listening')
      if (!connections) return { datagrams, connections: undefined }
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

/** Closes what is open; resolves when the last connection has ended. */
export async function closeDoors({ datagrams, connections }: Doors): Promise<void> {
  datagrams.close()
  if (connections !== undefined) await new Promise((resolve) => connections.close(resolve))
}

/** Sends by this socket: what cannot be sent is lost as any datagram may be, whether that is told or thrown. */
export function sendBy(datagrams: DatagramSocket): SendDatagram {
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
