import { ByteCursor } from './byte-cursor.ts'
import type { Earlier, Gap } from './byte-cursor.ts'
import { readClass } from './class-descriptor.ts'
import { HandleTable } from './handle-table.ts'
import { objectOf } from './known-classes.ts'
import type { ClassDescriptor, FieldType, FieldValue, JavaObject } from './known-classes.ts'
import { readByteArray } from './read-byte-array.ts'
import { readString } from './read-string.ts'
import { byteArray, nameOfTag, streamHeader, tag } from './stream-format.ts'
import { Incomplete, Skippable, Unreadable } from './unreadable.ts'

/** What comes next in a stream. */
export type Next =
  | { readonly type: 'object'; readonly object: JavaObject }
  | { readonly type: 'more' }
  | { readonly type: 'refused'; readonly why: string }

/** Takes the bytes of a file as they come. */
export interface ByteSink {
  write(bytes: Buffer): void
}

/** Asked where the bytes of a file shall go, before they come; undefined: nowhere. */
export type SinkFor = (lengthBytes: number) => ByteSink | undefined

const more: Next = { type: 'more' }

/** What was read of a stream so far; `refused` once and for ever. */
export interface Read {
  readonly objects: readonly JavaObject[]
  readonly refused: string | undefined
}

/**
 * Reads what a Java client writes, by one `ObjectOutputStream` or a new one for each object: users
 * and messages, nothing else. Bytes come in any pieces. Nothing is made but these two. An object with a
 * file comes when all bytes of it have gone where they shall.
 */
export class ObjectStream {
  readonly #handles = new HandleTable()
  #pieces: Buffer[] = []
  #heldBytes = 0
  /** An element is read again from its beginning when there are so many. */
  #neededBytes = 1
  /** What was found in the element so far. */
  readonly #earlier: Earlier = { gap: undefined, strings: new Map() }
  readonly #sinkFor: SinkFor
  /** How many of the bytes that are left out have still to come, and who takes them. */
  #skippingBytes = 0
  #sink: ByteSink | undefined
  #hasBegun = false
  #refused: Next | undefined
  #messageUid: bigint | undefined

  constructor(sinkFor: SinkFor = () => undefined) {
    this.#sinkFor = sinkFor
  }

  /** The `serialVersionUID` of the client's own `Message`, once it has sent one. */
  get messageUid(): bigint | undefined {
    return this.#messageUid
  }

  /** What is held for the client: bytes not yet read, beside what was decoded of them, and what it may refer to. */
  get heldBytes(): number {
    return this.#heldBytes + this.#handles.keptBytes
  }

  /** More bytes have come. */
  feed(bytes: Buffer): void {
    const skipped = Math.min(bytes.length, this.#skippingBytes)
    this.#skippingBytes -= skipped
    if (skipped > 0) this.#sink?.write(bytes.subarray(0, skipped))
    if (this.#refused !== undefined || bytes.length === skipped) return
    this.#pieces.push(bytes.subarray(skipped))
    this.#heldBytes += bytes.length - skipped
  }

  /** The next object, of at most `maxBytes`. */
  next(maxBytes: number): Next {
    let next: Next | undefined
    while (next === undefined) next = this.#refused ?? this.#element(maxBytes)
    return next
  }

  #element(maxBytes: number): Next | undefined {
    if (this.#skippingBytes > 0 || this.#heldBytes < this.#neededBytes) return more
    const held = this.#pieces.length === 1 ? this.#pieces[0] : Buffer.concat(this.#pieces)
    const bytes = held ?? Buffer.alloc(0)
    const cursor = new ByteCursor(bytes, maxBytes, this.#earlier)
    try {
      const object = this.#read(cursor)
      this.#handles.commit()
      this.#forget()
      this.#hold(bytes.subarray(cursor.at), 1)
      return object && { type: 'object', object }
    } catch (error) {
      return this.#stopped(error, bytes)
    }
  }

  #stopped(error: unknown, bytes: Buffer): Next | undefined {
    this.#handles.rollback()
    if (error instanceof Skippable) return this.#leaveOut(error, bytes)
    if (error instanceof Incomplete) {
      this.#hold(bytes, error.neededBytes)
      return more
    }
    if (!(error instanceof Unreadable)) throw error
    this.#hold(Buffer.alloc(0), 1)
    this.#handles.clear()
    this.#forget()
    this.#refused = { type: 'refused', why: error.message }
    return this.#refused
  }

  #leaveOut({ at, length }: Gap, bytes: Buffer): undefined {
    const end = at + length
    this.#earlier.gap = { at, length }
    this.#skippingBytes = Math.max(0, end - bytes.length)
    this.#sink = this.#sinkFor(length)
    this.#sink?.write(bytes.subarray(at, end))
    this.#hold(Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]), 1)
  }

  /** The next element begins. */
  #forget(): void {
    this.#earlier.gap = undefined
    this.#sink = undefined
    this.#earlier.strings.clear()
  }

  #hold(bytes: Buffer, neededBytes: number): void {
    this.#pieces = bytes.length === 0 ? [] : [bytes]
    this.#heldBytes = bytes.length
    this.#neededBytes = neededBytes
  }

  /** An element between objects: an object, or what is none. */
  #read(cursor: ByteCursor): JavaObject | undefined {
    const announced = cursor.byte()
    if (announced === streamHeader[0]) return this.#begin(cursor)
    if (!this.#hasBegun) throw new Unreadable('no Java object stream')
    if (announced === tag.object) return this.#object(cursor)
    if (announced === tag.reference) return this.#again(cursor)
    if (announced !== tag.reset) {
      throw new Unreadable(`${nameOfTag(announced)} where a User or a Message is needed`)
    }
    this.#handles.clear()
    return undefined
  }

  #begin(cursor: ByteCursor): undefined {
    const rest = cursor.take(streamHeader.length - 1)
    if (!rest.equals(streamHeader.subarray(1))) throw new Unreadable('no Java object stream')
    this.#hasBegun = true
    this.#handles.clear()
  }

  #again(cursor: ByteCursor): JavaObject {
    const thing = this.#handles.at(cursor.int())
    if (thing.kind === 'object') return thing.value
    throw new Unreadable(`a reference to a ${thing.kind} where a User or a Message is needed`)
  }

  #object(cursor: ByteCursor): JavaObject {
    const described = readClass(cursor, this.#handles)
    if (described.name === byteArray.name) throw new Unreadable('byte[] where an object is needed')
    const index = this.#handles.reserve()
    const { values, bytes } = this.#values(cursor, described)
    const object = objectOf(described.name, values)
    this.#handles.fill(index, { kind: 'object', value: object }, bytes)
    if (object.className === 'qqcommon.Message') this.#messageUid = described.uid
    return object
  }

  #values(cursor: ByteCursor, { fields }: ClassDescriptor) {
    const values = new Map<string, FieldValue>()
    let bytes = 0
    for (const { name, type } of fields) {
      const value = this.#value(cursor, type)
      values.set(name, value)
      if (typeof value === 'string') bytes += value.length * 2
    }
    return { values, bytes }
  }

  #value(cursor: ByteCursor, type: FieldType): FieldValue {
    if (type === 'int') return cursor.int()
    const read = type === 'String' ? readString : readByteArray
    return read(cursor, this.#handles)
  }
}

/** Feeds bytes to a stream and reads all that is whole. */
export function readObjects(stream: ObjectStream, bytes: Buffer, maxBytes: number): Read {
  stream.feed(bytes)
  const objects: JavaObject[] = []
  for (;;) {
    const next = stream.next(maxBytes)
    if (next.type === 'object') objects.push(next.object)
    else return { objects, refused: next.type === 'refused' ? next.why : undefined }
  }
}
