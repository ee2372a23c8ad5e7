import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import { onTestFinished } from 'vitest'

/** A socket that speaks nothing by itself, and what has become of it. */
export interface BareSocket {
  readonly socket: Socket
  readonly got: { readonly bytes: Buffer; connected: boolean; closed: boolean }
}

/** Opens a socket to `host:port` that goes with the test. */
export function bareSocket(address: string): BareSocket {
  return watched(connect({ ...endOf(address), noDelay: true }), 'connect')
}

/** The same inside TLS, where `socket` may be what TLS itself is spoken over. */
export function bareTlsSocket(address: string, options: ConnectionOptions): BareSocket {
  return watched(
    connectTls({ ...endOf(address), servername: 'localhost', ...options }),
    'secureConnect',
  )
}

function endOf(address: string): { readonly host: string; readonly port: number } {
  const [host = '', port] = address.split(':')
  return { host, port: Number(port) }
}

function watched(socket: Socket, connected: string): BareSocket {
  // Joined when somebody looks: much comes in many pieces.
  let pieces: Buffer[] = []
  const got = {
    get bytes() {
      pieces = [Buffer.concat(pieces)]
      return pieces[0] ?? Buffer.alloc(0)
    },
    connected: false,
    closed: false,
  }
  socket.on(connected, () => (got.connected = true))
  socket.on('data', (bytes: Buffer) => void pieces.push(bytes))
  socket.on('close', () => (got.closed = true))
  socket.on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  return { socket, got }
}
