import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { Faults } from './fault.ts'
import { Pipe } from './pipe.ts'

/** Connections of one proxy; one more is reset. */
export const maxConnections = 4_000

/** What a proxy is made of. */
export interface FaultProxyOptions {
  /** `host:port` to which it leads. */
  readonly target: string
  /** Any free one unless told. */
  readonly port?: number
  /** None unless told. */
  readonly faults?: Faults
}

/** A way between two parts, at which everything can go wrong; it listens on loopback. */
export interface FaultProxy {
  readonly port: number
  /** `host:port` to use in place of the target's. */
  readonly address: string
  /** Open connections. */
  readonly connections: number
  /** Bytes that are held now. */
  readonly waitingBytes: number
  /** From now on this is wrong, with open connections, too, and what was wrong before is not. */
  set(faults: Faults): void
  /**
   * Nothing is wrong any more. Connections that have lost bytes or an end are reset, since TCP
   * knows no such connections.
   */
  heal(): void
  /** Resets all connections. */
  cut(): void
  /** Leads new connections elsewhere. */
  retarget(target: string): void
  close(): Promise<void>
}

interface Way {
  readonly up: Pipe
  readonly down: Pipe
  reset(): void
}

/** Starts a proxy in front of a TCP server, which need not be up. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const ways = new Set<Way>()
  let { target, faults = {} } = options
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    if (faults.refuses === true || ways.size >= maxConnections) socket.resetAndDestroy()
    else openWay(socket, target, faults, ways)
  })
  const port = await listen(server, options.port ?? 0)
  const set = (next: Faults) => {
    faults = next
    for (const { up, down } of ways) [up.fault, down.fault] = [next.up ?? {}, next.down ?? {}]
  }
  const cut = () => {
    for (const way of ways) way.reset()
  }
  return {
    port,
    address: `127.0.0.1:${port}`,
    get connections() {
      return ways.size
    },
    get waitingBytes() {
      return [...ways].reduce((sum, { up, down }) => sum + up.waitingBytes + down.waitingBytes, 0)
    },
    set,
    heal() {
      for (const way of ways) if (way.up.hasLost || way.down.hasLost) way.reset()
      set({})
    },
    cut,
    retarget: (next) => void (target = next),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        cut()
      }),
  }
}

function openWay(client: Socket, target: string, faults: Faults, ways: Set<Way>): void {
  const far = connect({ ...hostAndPort(target), allowHalfOpen: true, noDelay: true })
  const reset = () => {
    ways.delete(way)
    for (const pipe of [way.up, way.down]) pipe.stop()
    for (const socket of [client, far]) if (!socket.destroyed) socket.resetAndDestroy()
  }
  const way: Way = {
    up: new Pipe(client, far, faults.up ?? {}, reset),
    down: new Pipe(far, client, faults.down ?? {}, reset),
    reset,
  }
  ways.add(way)
  follow({ socket: client, from: way.up, other: far, way, ways })
  follow({ socket: far, from: way.down, other: client, way, ways })
}

interface Side {
  readonly socket: Socket
  /** What the socket sends. */
  readonly from: Pipe
  readonly other: Socket
  readonly way: Way
  readonly ways: Set<Way>
}

function follow({ socket, from, other, way, ways }: Side): void {
  socket.on('error', () => socket.destroy())
  socket.on('close', (failed) => {
    if (other.destroyed) {
      ways.delete(way)
      for (const pipe of [way.up, way.down]) pipe.stop()
    } else if (from.keepsSilent) from.lose()
    else if (failed) way.reset()
  })
}

/** Listens on loopback and answers the port. */
export async function listen(server: Server, port: number): Promise<number> {
  server.listen({ host: '127.0.0.1', port, backlog: 4_096 })
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** The two parts of `host:port`. */
export function hostAndPort(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(':')
  return { host: address.slice(0, at), port: Number(address.slice(at + 1)) }
}
