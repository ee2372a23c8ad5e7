import type { ByteCursor } from './byte-cursor.ts'
import type { HandleTable } from './handle-table.ts'
import { knownClasses } from './known-classes.ts'
import type { ClassDescriptor, Field, FieldType } from './known-classes.ts'
import { readString } from './read-string.ts'
import { byteArray, isSerialisable, nameOfTag, stringType, tag } from './stream-format.ts'
import { Unreadable } from './unreadable.ts'

/** What a field of a descriptor takes in memory, about. */
const fieldBytes = 64

/** Reads the descriptor of a class that is known here, or a reference to one. */
export function readClass(cursor: ByteCursor, handles: HandleTable): ClassDescriptor {
  const announced = cursor.byte()
  if (announced === tag.reference) {
    const thing = handles.at(cursor.int())
    if (thing.kind === 'class') return thing.value
    throw new Unreadable(`a reference to a ${thing.kind} where a class is needed`)
  }
  if (announced === tag.classDescriptor) return readDescriptor(cursor, handles)
  throw new Unreadable(`${nameOfTag(announced)} where a class is needed`)
}

function readDescriptor(cursor: ByteCursor, handles: HandleTable): ClassDescriptor {
  const name = cursor.utf()
  const uid = cursor.long()
  const known = name === byteArray.name ? {} : knownClasses.get(name)
  if (known === undefined) throw new Unreadable(`the class ${shown(name)} is not read here`)
  const index = handles.reserve()
  if (cursor.byte() !== isSerialisable) {
    throw new Unreadable(`${name} is not serialised by its fields alone`)
  }
  const fields = readFields(cursor, handles, name, known)
  if (cursor.byte() !== tag.endBlockData) throw new Unreadable(`${name} is annotated`)
  if (cursor.byte() !== tag.null) throw new Unreadable(`${name} has a superclass`)
  const value = { name, uid, fields }
  handles.fill(index, { kind: 'class', value }, fields.length * fieldBytes)
  return value
}

function readFields(
  cursor: ByteCursor,
  handles: HandleTable,
  className: string,
  known: Readonly<Record<string, FieldType>>,
): Field[] {
  const count = cursor.short()
  if (count > Object.keys(known).length) throw new Unreadable(`${className} has more fields`)
  const fields: Field[] = []
  for (let i = 0; i < count; i += 1) {
    const field = readField(cursor, handles)
    const where = `the field ${shown(field.name)} of ${className}`
    if (!Object.hasOwn(known, field.name)) throw new Unreadable(`${where} is not known`)
    if (known[field.name] !== field.type) throw new Unreadable(`${where} is no ${field.type}`)
    if (fields.some(({ name }) => name === field.name)) throw new Unreadable(`${where} comes twice`)
    // Values of primitive types come first, so Java has no other order.
    if (field.type === 'int' && i > 0) throw new Unreadable(`${where} comes too late`)
    fields.push(field)
  }
  return fields
}

function readField(cursor: ByteCursor, handles: HandleTable): Field {
  const type = String.fromCharCode(cursor.byte())
  const name = cursor.utf()
  if (type === 'I') return { name, type: 'int' }
  if (type !== 'L' && type !== '[') {
    throw new Unreadable(`the field ${shown(name)} has a type that is not read here`)
  }
  const full = readString(cursor, handles)
  if (type === 'L' && full === stringType) return { name, type: 'String' }
  if (type === '[' && full === byteArray.name) return { name, type: 'byte[]' }
  throw new Unreadable(`the field ${shown(name)} has a type that is not read here`)
}

/** A name that somebody sent, fit to be shown. */
function shown(name: string): string {
  return `"${name.slice(0, 64).replaceAll(/[^\x21-\x7e]/g, '?')}"`
}
