import type { Socket } from 'node:dgram'
import type { Endpoint } from './meeting.ts'

/** Sends one datagram. What cannot be sent, as by a socket that was closed, is as good as lost. */
export function sendDatagram(socket: Socket, bytes: Uint8Array, { address, port }: Endpoint): void {
  try {
    socket.send(bytes, port, address, () => undefined)
  } catch {
    // Some reasons come by the callback, some are thrown.
  }
}
