import { Buffer } from 'node:buffer'
import type { Dialect } from '../door/dialect.ts'
import { startsWith } from '../door/first-bytes.ts'

const opening = Buffer.from('SAY ')

/** A dialect of tests: what begins with `SAY ` is sent back as it is, and passwords are in clear. */
export function echoDialect(): Dialect {
  return {
    name: 'Echo',
    clearPasswords: true,
    recognises: (head) => startsWith(head, opening),
    take: (socket) => void socket.pipe(socket),
    drain: () => undefined,
    close: () => undefined,
  }
}
