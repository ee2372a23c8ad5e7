import type { Dialect } from '../../door/dialect.ts'
import { startsWith } from '../../door/first-bytes.ts'
import { JavaConnection } from './java-connection.ts'
import { streamHeader } from './java-serialisation/stream-format.ts'
import type { JavaParts } from './visitor.ts'

/** The Java client of S1: `qqcommon.User` and `qqcommon.Message` as Java serialises them. */
export function javaDialect(parts: JavaParts): Dialect {
  const open = new Set<JavaConnection>()
  let isDraining = false
  return {
    name: 'Java objects (qqcommon.User)',
    clearPasswords: true,
    recognises: (head) => startsWith(head, streamHeader),
    take(socket) {
      if (isDraining) return void socket.destroy()
      const connection = new JavaConnection(socket, parts)
      open.add(connection)
      socket.once('close', () => open.delete(connection))
    },
    drain() {
      isDraining = true
      for (const connection of open) connection.drain()
    },
    // Sockets are the door's, and sessions end with them.
    close: () => open.clear(),
  }
}
