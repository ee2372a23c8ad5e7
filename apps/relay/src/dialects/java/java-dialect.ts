import type { Dialect } from '../../door/dialect.ts'
import { startsWith } from '../../door/first-bytes.ts'
import { plainDialect } from '../../plain/plain-dialect.ts'
import { FilePlaces } from './file-inbox.ts'
import { JavaConnection } from './java-connection.ts'
import { streamHeader } from './java-serialisation/stream-format.ts'
import type { JavaParts } from './visitor.ts'

/** The Java client of S1: `qqcommon.User` and `qqcommon.Message` as Java serialises them. */
export function javaDialect(parts: JavaParts): Dialect {
  const places = new FilePlaces()
  return plainDialect({
    name: 'Java objects (qqcommon.User)',
    recognises: (head) => startsWith(head, streamHeader),
    serve: (socket) => new JavaConnection(socket, parts, places),
  })
}
