import type { Socket } from 'node:net'
import type { Dialect } from '../door/dialect.ts'

/** What tells one dialect of plain clients from another. */
interface PlainDialectParts extends Pick<Dialect, 'name' | 'recognises'> {
  /** Serves a connection until it closes; drained, it ends when its texts are answered. */
  readonly serve: (socket: Socket) => { drain(): void }
}

/** A dialect whose clients log in with name and password on the connection itself. */
export function plainDialect({ name, recognises, serve }: PlainDialectParts): Dialect {
  const open = new Set<{ drain(): void }>()
  let isDraining = false
  return {
    name,
    clearPasswords: true,
    recognises,
    take(socket) {
      if (isDraining) return void socket.destroy()
      const connection = serve(socket)
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
