import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import { addServices, grpcServerOptions } from '@parley/grpc-kit'
import type { GrpcService } from '@parley/grpc-kit'
import {
  ConnectionsPerPeer,
  assertMayListen,
  formatAddress,
  listenError,
} from '@parley/service-kit'

/** Connections that wait to be taken. */
const backlog = 4096
/** Calls at once on one connection of a client. */
const maxConcurrentStreams = 8
/** How long calls that were ended may take to hand over their ends when the door closes. */
const lastWordsMs = 2_000

/** What the door is made of. */
export interface DoorOptions {
  readonly host: string
  readonly port: number
  readonly allowPlaintext: boolean
  readonly maxConnections: number
  readonly maxConnectionsPerAddress: number
  readonly services: readonly GrpcService[]
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

/**
 * Opens the public port: a plain listener that hands its sockets to gRPC. It owns the set of
 * sockets, because with an injector grpc-js ends none of them when it shuts down.
 */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const { host, allowPlaintext } = options
  assertMayListen({ host, tls: false, allowPlaintext })
  const grpc = new Server(grpcServerOptions({ maxConcurrentStreams }))
  addServices(grpc, options.services)
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure())
  const sockets = new SocketSet(options.maxConnectionsPerAddress)
  const listener = createServer({ noDelay: true }, (socket) => {
    if (sockets.admit(socket)) injector.injectConnection(socket)
    else socket.destroy()
  })
  listener.maxConnections = options.maxConnections
  await listen(listener, host, options.port)
  const { port } = listener.address() as AddressInfo
  const drain = async (limitMs: number) => {
    listener.close()
    // It cuts what is left by then, and the last words of streams come after the limit.
    injector.drain(limitMs + lastWordsMs)
    await sockets.emptied(limitMs)
  }
  return {
    address: formatAddress(host, port),
    drain,
    async close() {
      await drain(lastWordsMs)
      sockets.destroyAll()
      injector.destroy()
      grpc.forceShutdown()
    },
  }
}

async function listen(listener: ReturnType<typeof createServer>, host: string, port: number) {
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
