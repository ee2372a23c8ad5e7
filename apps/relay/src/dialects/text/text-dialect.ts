import type { Dialect, Recognition } from '../../door/dialect.ts'
import { startsWith } from '../../door/first-bytes.ts'
import { TextConnection } from './text-connection.ts'
import type { TextParts } from './visitor.ts'

const openings = ['101|', '102|', '103|'].map((opening) => Buffer.from(opening))

/** The text protocol of S2: `101|user,password`, `102|`, `103|from,to,text`. */
export function textDialect(parts: TextParts): Dialect {
  const open = new Set<TextConnection>()
  let isDraining = false
  return {
    name: 'text (101|user,password)',
    clearPasswords: true,
    recognises,
    take(socket) {
      if (isDraining) return void socket.destroy()
      const connection = new TextConnection(socket, parts)
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

function recognises(head: Buffer): Recognition {
  const answers = openings.map((opening) => startsWith(head, opening))
  if (answers.includes('yes')) return 'yes'
  return answers.includes('more') ? 'more' : 'no'
}
