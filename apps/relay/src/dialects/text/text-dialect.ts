import type { Dialect } from '../../door/dialect.ts'
import { startsWithOne } from '../../door/first-bytes.ts'
import { plainDialect } from '../../plain/plain-dialect.ts'
import { TextConnection } from './text-connection.ts'
import type { TextParts } from './visitor.ts'

const openings = ['101|', '102|', '103|'].map((opening) => Buffer.from(opening))

/** The text protocol of S2: `101|user,password`, `102|`, `103|from,to,text`. */
export function textDialect(parts: TextParts): Dialect {
  return plainDialect({
    name: 'text (101|user,password)',
    recognises: (head) => startsWithOne(head, openings),
    serve: (socket) => new TextConnection(socket, parts),
  })
}
