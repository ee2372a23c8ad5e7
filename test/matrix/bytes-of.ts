import { idBytes } from '@parley/client'
import type { Person } from '../harness/person.ts'

/** The id of somebody as the wire has it. */
export function bytesOf({ userId }: Pick<Person, 'userId'>): Buffer {
  return Buffer.from(idBytes(userId))
}
