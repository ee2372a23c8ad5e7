import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { hostAndPort } from './fault-proxy.ts'

/** One end of a connection in a test, and what has come of it. */
export interface End {
  readonly socket: Socket
  readonly received: () => Buffer
  readonly is: { connected: boolean; ended: boolean; closed: boolean; error: string | undefined }
}

/** A server on loopback whose connections a test looks at; gone with the test. */
export async function testServer() {
  const ends: End[] = []
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    ends.push(endOf(socket))
  })
  await listening(server)
  const { port } = server.address() as AddressInfo
  const close = async () => {
    for (const { socket } of ends) socket.destroy()
    if (!server.listening) return
    server.close()
    await once(server, 'close')
  }
  onTestFinished(close)
  const open = async () => {
    server.listen({ host: '127.0.0.1', port })
    await once(server, 'listening')
  }
  return { address: `127.0.0.1:${port}`, ends, close, open }
}

async function listening(server: ReturnType<typeof createServer>): Promise<void> {
  server.listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
}

/** A client of an address; gone with the test. */
export function testClient(address: string): End {
  const socket = connect({ ...hostAndPort(address), allowHalfOpen: true, noDelay: true })
  onTestFinished(() => void socket.destroy())
  return endOf(socket)
}

function endOf(socket: Socket): End {
  const chunks: Buffer[] = []
  const is: End['is'] = { connected: false, ended: false, closed: false, error: undefined }
  socket.on('connect', () => (is.connected = true))
  socket.on('data', (bytes: Buffer) => chunks.push(bytes))
  socket.on('end', () => (is.ended = true))
  socket.on('close', () => (is.closed = true))
  socket.on('error', (error: NodeJS.ErrnoException) => (is.error = error.code))
  return { socket, received: () => Buffer.concat(chunks), is }
}
