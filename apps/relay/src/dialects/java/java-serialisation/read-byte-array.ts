import type { ByteCursor } from './byte-cursor.ts'
import { readClass } from './class-descriptor.ts'
import type { HandleTable } from './handle-table.ts'
import { byteArray, nameOfTag, tag } from './stream-format.ts'
import { Unreadable } from './unreadable.ts'

/** The length of a `byte[]`, or of one that is referred to; undefined where the stream says null. */
export function readByteArray(cursor: ByteCursor, handles: HandleTable): number | undefined {
  const announced = cursor.byte()
  if (announced === tag.null) return undefined
  if (announced === tag.reference) {
    const thing = handles.at(cursor.int())
    if (thing.kind === 'bytes') return thing.value
    throw new Unreadable(`a reference to a ${thing.kind} where byte[] is needed`)
  }
  if (announced !== tag.array) {
    throw new Unreadable(`${nameOfTag(announced)} where byte[] is needed`)
  }
  const { name } = readClass(cursor, handles)
  if (name !== byteArray.name) throw new Unreadable(`an array of ${name} where byte[] is needed`)
  const index = handles.reserve()
  const length = cursor.int()
  if (length < 0) throw new Unreadable('an array has a length below zero')
  cursor.skip(length)
  handles.fill(index, { kind: 'bytes', value: length }, 0)
  return length
}
