import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** Where in a conversation with the database the connection is cut. */
interface Cut {
  /** The first statement that has these words is meant. */
  readonly words: string
  /** Before it reaches the server, or after the server has answered and before the answer is seen. */
  readonly when: 'before' | 'after'
  /** The server does not hear of it, as when a cable is cut. */
  readonly leavesServer?: boolean
}

/** A way to a MariaDB that can be cut at one statement. */
export interface CuttingProxy {
  readonly port: number
  /** Cuts once; resolves when it has. */
  cut(cut: Cut): Promise<void>
}

/** Opens a way to a server on loopback; the test's end closes it. */
export async function cuttingProxy(targetPort: number): Promise<CuttingProxy> {
  let armed: (Cut & { done(): void }) | undefined
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1')
    let isMuted = false
    let isLeft = false
    const end = () => [client, upstream].forEach((socket) => void socket.destroy())
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', end)
      socket.on('close', () => void (isLeft || end()))
    }
    client.on('data', (chunk: Buffer) => {
      const cut = armed !== undefined && chunk.includes(armed.words) ? armed : undefined
      if (cut !== undefined) armed = undefined
      if (cut?.when !== 'before') upstream.write(chunk)
      if (cut?.when === 'after') isMuted = true
      if (cut === undefined) return
      isLeft = cut.leavesServer === true
      if (isLeft) client.destroy()
      else if (cut.when === 'after') upstream.once('data', end)
      else end()
      cut.done()
    })
    upstream.on('data', (chunk: Buffer) => void (isMuted || client.write(chunk)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const { port } = server.address() as AddressInfo
  return {
    port,
    cut: (cut) => new Promise((done) => (armed = { ...cut, done })),
  }
}
