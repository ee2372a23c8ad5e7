import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A socket that speaks nothing by itself, and what has become of it. */
export interface BareSocket {
  readonly socket: Socket
  readonly got: { bytes: Buffer; connected: boolean; closed: boolean }
}

/** Opens a socket to `host:port` that goes with the test. */
export function bareSocket(address: string): BareSocket {
  const port = Number(address.split(':')[1])
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  const got = { bytes: Buffer.alloc(0), connected: false, closed: false }
  socket.on('connect', () => (got.connected = true))
  socket.on('data', (bytes: Buffer) => (got.bytes = Buffer.concat([got.bytes, bytes])))
  socket.on('close', () => (got.closed = true))
  socket.on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  return { socket, got }
}
