import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { AppError } from '@parley/errors'

/** The ports of one cluster. */
export interface ClusterPorts {
  readonly relay: number
  readonly files: number
  readonly images: number
  readonly rendezvous: number
  readonly relayInternal: number
  readonly filesInternal: number
  readonly imagesInternal: number
  readonly presenceInternal: number
  readonly nats: number
}

// Below the range from which kernels take the ports of outgoing connections: a member that is down
// for a moment must find its port again, and no client may happen to connect to itself there.
const lowestPort = 10_000
const highestPort = 32_000
const maxAttempts = 200

/** Ports of a cluster, all free a moment ago. */
export async function clusterPorts(): Promise<ClusterPorts> {
  const [relay = 0, files = 0, images = 0, rendezvous = 0, ...rest] = await freePorts(9)
  const [nats = 0, ...internal] = rest
  const [relayInternal = 0, filesInternal = 0, imagesInternal = 0, presenceInternal = 0] = internal
  const doors = { relay, files, images, rendezvous, nats }
  return { ...doors, relayInternal, filesInternal, imagesInternal, presenceInternal }
}

/**
 * Different loopback ports that were free a moment ago, none of the taken ones; throws `AppError`
 * (exhausted, NO_FREE_PORT).
 */
export async function freePorts(count: number, taken: readonly number[] = []): Promise<number[]> {
  const found = new Set<number>()
  for (let attempt = 0; attempt < maxAttempts && found.size < count; attempt += 1) {
    const port = randomInt(lowestPort, highestPort)
    if (!taken.includes(port) && (await isPortFree('127.0.0.1', port))) found.add(port)
  }
  if (found.size === count) return [...found]
  throw new AppError('exhausted', 'NO_FREE_PORT', `no ${count} free ports were found`)
}

/** Whether a server could listen there now. */
export function isPortFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false)
      else reject(error)
    })
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => resolve(true))
    })
  })
}

/** Whether datagrams could be received there now. */
export async function isDatagramPortFree(host: string, port: number): Promise<boolean> {
  const { address, family } = await lookup(host)
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
  try {
    socket.bind(port, address)
    await once(socket, 'listening')
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false
    throw error
  } finally {
    socket.close()
  }
}
