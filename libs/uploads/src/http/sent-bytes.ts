import type { Socket } from 'node:net'

interface Handle {
  readonly bytesWritten: number
  readonly writeQueueSize: number
}

/**
 * How many bytes of a socket the system has taken. Node tells of a write only when all of it is
 * gone, which takes a slow reader longer than it is given; its own timeouts look here, too.
 */
export function sentBytes(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, '_handle')
  if (isHandle(handle)) return handle.bytesWritten - handle.writeQueueSize
  return socket.bytesWritten - socket.writableLength
}

function isHandle(value: unknown): value is Handle {
  if (typeof value !== 'object' || value === null) return false
  const { bytesWritten, writeQueueSize } = value as Partial<Handle>
  return typeof bytesWritten === 'number' && typeof writeQueueSize === 'number'
}
