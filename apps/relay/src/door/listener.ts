import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import {
  ConnectionsPerPeer,
  assertMayListen,
  formatAddress,
  listenError,
} from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import type { Dialect } from './dialect.ts'
import { Reception } from './reception.ts'
import { TlsEntrance } from './tls/entrance.ts'
import type { TlsParts } from './tls/entrance.ts'

/** Connections that wait to be taken. */
const backlog = 4096
/** How long connections may take to end when the door closes. */
const lastWordsMs = 2_000

/** What the door is made of. */
export interface DoorOptions {
  readonly host: string
  readonly port: number
  readonly allowPlaintext: boolean
  readonly maxConnections: number
  readonly maxConnectionsPerAddress: number
  readonly dialects: readonly Dialect[]
  /** Undefined: no TLS. */
  readonly tls?: TlsParts | undefined
  readonly scheduler: Scheduler
}

/** The public port. */
export interface Door {
  readonly address: string
  /**
   * Takes no new connections and no new calls; those under way go on. Resolves when the last one
   * has ended, or after `limitMs`.
   */
  drain(limitMs: number): Promise<void>
  /** Drains for a moment and destroys what is left. */
  close(): Promise<void>
}

/** Opens the public port: a plain listener that hands its sockets to dialects, and owns them. */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const { host, port, allowPlaintext, scheduler } = options
  assertMayListen({ host, tls: options.tls !== undefined, allowPlaintext })
  const tls = options.tls && (await TlsEntrance.open(options.tls, scheduler))
  const reception = new Reception({ ...options, tls })
  const sockets = new SocketSet(options.maxConnectionsPerAddress)
  const listener = createServer({ noDelay: true }, (socket) => {
    if (sockets.admit(socket)) reception.receive(socket)
    else socket.destroy()
  })
  listener.maxConnections = options.maxConnections
  await listen(listener, host, port).catch((error: unknown) => {
    tls?.close()
    throw error
  })
  return doorOf({ ...options, tls, reception, sockets, listener })
}

interface DoorParts {
  readonly host: string
  readonly dialects: readonly Dialect[]
  readonly tls: TlsEntrance | undefined
  readonly reception: Reception
  readonly sockets: SocketSet
  readonly listener: Server
}

function doorOf({ host, dialects, tls, reception, sockets, listener }: DoorParts): Door {
  const drain = async (limitMs: number) => {
    listener.close()
    reception.close()
    tls?.drain()
    for (const dialect of dialects) dialect.drain(limitMs)
    await sockets.emptied(limitMs)
  }
  return {
    address: formatAddress(host, (listener.address() as AddressInfo).port),
    drain,
    async close() {
      await drain(lastWordsMs)
      sockets.destroyAll()
      tls?.close()
      for (const dialect of dialects) dialect.close()
    },
  }
}

async function listen(listener: Server, host: string, port: number): Promise<void> {
  try {
    listener.listen({ host, port, backlog })
    await once(listener, 'listening')
  } catch (error) {
    throw listenError(error, host, port)
  }
}

/** The open sockets of a door. */
class SocketSet {
  readonly #perPeer: ConnectionsPerPeer
  readonly #sockets = new Set<Socket>()
  #whenEmpty: (() => void) | undefined

  constructor(maxPerAddress: number) {
    this.#perPeer = new ConnectionsPerPeer(maxPerAddress)
  }

  /** Takes a socket in, unless its address has too many. */
  admit(socket: Socket): boolean {
    if (!this.#perPeer.admit(socket)) return false
    this.#sockets.add(socket)
    // A reset is an end like any other.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#gone(socket))
    return true
  }

  /** Settles when no socket is left, or after `limitMs`. */
  async emptied(limitMs: number): Promise<void> {
    if (this.#sockets.size === 0) return
    await new Promise<void>((resolve) => {
      this.#whenEmpty = resolve
      setTimeout(resolve, limitMs).unref()
    })
  }

  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  #gone(socket: Socket): void {
    this.#sockets.delete(socket)
    if (this.#sockets.size === 0) this.#whenEmpty?.()
  }
}
