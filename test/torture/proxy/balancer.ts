import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'
import { systemScheduler, within } from '@parley/service-kit'
import { hostAndPort, listen, maxConnections } from './fault-proxy.ts'

/** A backend that refused is asked after the others for so long. */
const avoidMs = 250
/** How long a backend may take to accept. */
const connectLimitMs = 1_000

/** A TCP balancer on loopback: connections go round the backends that take them. */
export interface Balancer {
  readonly port: number
  /** `host:port` for clients. */
  readonly address: string
  /** Open connections by backend. */
  readonly connections: ReadonlyMap<string, number>
  /** From now on new connections go to these. */
  setBackends(backends: readonly string[]): void
  /** Resets all connections. */
  cut(): void
  close(): Promise<void>
}

/** Starts a balancer; backends, as `host:port`, need not be up. One that takes no connection is passed over. */
export async function startBalancer(backends: readonly string[], port = 0): Promise<Balancer> {
  const rota = new Rota(backends)
  const open = new Map<Socket, string>()
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true })
  server.maxConnections = maxConnections
  server.on('connection', (client: Socket) => {
    client.on('error', () => client.destroy())
    client.on('close', () => open.delete(client))
    open.set(client, '')
    void lead(client, rota, open)
  })
  const actualPort = await listen(server, port)
  const cut = () => {
    for (const client of open.keys()) client.resetAndDestroy()
  }
  return {
    port: actualPort,
    address: `127.0.0.1:${actualPort}`,
    get connections() {
      const groups = Map.groupBy(open.values(), (backend) => backend)
      return new Map([...groups].map(([backend, all]) => [backend, all.length]))
    },
    setBackends: (next) => rota.set(next),
    cut,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        cut()
      }),
  }
}

/** Whose turn it is. */
class Rota {
  #backends: readonly string[]
  #next = 0
  readonly #avoidedUntilMs = new Map<string, number>()

  constructor(backends: readonly string[]) {
    this.#backends = backends
  }

  set(backends: readonly string[]): void {
    this.#backends = backends
    this.#avoidedUntilMs.clear()
  }

  avoid(backend: string): void {
    this.#avoidedUntilMs.set(backend, systemScheduler.monotonic() + avoidMs)
  }

  /** All backends in the order in which they are to be asked. */
  turn(): string[] {
    const at = this.#next
    this.#next = (at + 1) % Math.max(1, this.#backends.length)
    const round = [...this.#backends.slice(at), ...this.#backends.slice(0, at)]
    const nowMs = systemScheduler.monotonic()
    const isAvoided = (backend: string) => (this.#avoidedUntilMs.get(backend) ?? 0) > nowMs
    return [...round.filter((each) => !isAvoided(each)), ...round.filter(isAvoided)]
  }
}

async function lead(client: Socket, rota: Rota, open: Map<Socket, string>): Promise<void> {
  for (const backend of rota.turn()) {
    const far = await accepted(backend)
    if (far && client.destroyed) return void far.destroy()
    if (far) {
      open.set(client, backend)
      return join(client, far)
    }
    rota.avoid(backend)
  }
  client.resetAndDestroy()
}

async function accepted(backend: string): Promise<Socket | undefined> {
  const far = connect({ ...hostAndPort(backend), allowHalfOpen: true, noDelay: true })
  const outcome = new Promise<void>((resolve, reject) => {
    far.once('connect', resolve)
    far.once('error', reject)
  })
  try {
    await within(systemScheduler, connectLimitMs, `connecting to ${backend}`, outcome)
    return far
  } catch {
    far.destroy()
    return undefined
  }
}

// What ends on one side ends in the same way on the other.
function join(client: Socket, far: Socket): void {
  far.on('error', () => far.destroy())
  for (const [one, other] of [
    [client, far],
    [far, client],
  ] as const) {
    one.pipe(other)
    one.on('close', (failed) => {
      if (failed && !other.destroyed) other.resetAndDestroy()
      else if (!other.destroyed && !other.writableEnded) other.end()
    })
  }
}
