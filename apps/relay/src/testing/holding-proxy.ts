import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** One connection through the proxy. */
interface HeldConnection {
  /** What the client has said. */
  readonly heard: string
  /** True when the client has left. */
  readonly isOver: boolean
}

/** A way to a MariaDB on which answers can be kept back, as when a cable is cut and mended. */
export interface HoldingProxy {
  readonly port: number
  /** All connections so far, in the order of their beginning. */
  readonly connections: readonly HeldConnection[]
  /** Keeps back all answers from the first statement with these words on; resolves when it came. */
  hold(words: string): Promise<HeldConnection>
  /** Lets the answers through that were kept back. */
  release(): void
  /** Cuts what is connected now. */
  cutAll(): void
}

/** Opens a way to a server on loopback; the test's end closes it. */
export async function holdingProxy(targetPort: number): Promise<HoldingProxy> {
  let armed: { words: string; done(held: HeldConnection): void } | undefined
  let held: (() => void) | undefined
  const sockets = new Set<Socket>()
  const connections: { heard: string; isOver: boolean }[] = []
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true })
    const own = { heard: '', isOver: false }
    connections.push(own)
    let kept: Buffer[] | undefined
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => undefined))
    client.on('data', (chunk: Buffer) => {
      own.heard += chunk.toString('latin1')
      if (armed !== undefined && chunk.includes(armed.words)) {
        kept = []
        held = () => {
          kept?.forEach((part) => void client.write(part))
          kept = undefined
        }
        armed.done(own)
        armed = undefined
      }
      upstream.write(chunk)
    })
    upstream.on('data', (chunk: Buffer) => void (kept?.push(chunk) ?? client.write(chunk)))
    upstream.on('close', () => void client.destroy())
    // Of one who is kept waiting the server does not hear that he has left.
    client.on('end', () => ((own.isOver = true), kept === undefined && upstream.end()))
    client.on('close', () => ((own.isOver = true), kept === undefined && upstream.destroy()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cutAll = () => sockets.forEach((socket) => void socket.destroy())
  onTestFinished(() => (server.close(), cutAll()))
  return {
    port: (server.address() as AddressInfo).port,
    connections,
    hold: (words) => new Promise((done) => (armed = { words, done })),
    release: () => held?.(),
    cutAll,
  }
}
