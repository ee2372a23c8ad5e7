import type { ByteCursor } from './byte-cursor.ts'
import type { HandleTable } from './handle-table.ts'
import { nameOfTag, tag } from './stream-format.ts'
import { Unreadable } from './unreadable.ts'

/** Reads a string or a reference to one; undefined where the stream says null. */
export function readString(cursor: ByteCursor, handles: HandleTable): string | undefined {
  const announced = cursor.byte()
  if (announced === tag.null) return undefined
  if (announced === tag.reference) {
    const thing = handles.at(cursor.int())
    if (thing.kind === 'string') return thing.value
    throw new Unreadable(`a reference to a ${thing.kind} where a string is needed`)
  }
  if (announced !== tag.string && announced !== tag.longString) {
    throw new Unreadable(`${nameOfTag(announced)} where a string is needed`)
  }
  const value = announced === tag.string ? cursor.utf() : cursor.longUtf()
  handles.add({ kind: 'string', value }, value.length * 2)
  return value
}
