import { encodeModifiedUtf } from './modified-utf.ts'
import {
  byteArray,
  firstHandle,
  isSerialisable,
  streamHeader,
  stringType,
  tag,
} from './stream-format.ts'

/** What is told to a Java client; who it comes from and to whom it goes are its own words. */
export interface MessageToWrite {
  readonly mesType: string
  readonly sender?: string
  readonly getter?: string
  readonly content?: string
  readonly sendTime?: string
  /** Only a message with a file has the fields of files. */
  readonly file?: FileToWrite
}

/** A file within a message. */
interface FileToWrite {
  readonly src: string
  readonly dest: string
  readonly bytes: Buffer
}

type Field = readonly [name: string, value: string | Buffer | undefined]

const longestShortString = 0xffff

/**
 * A `qqcommon.Message` as an `ObjectOutputStream` of its own writes it, header and all: for a client
 * that reads each by a new `ObjectInputStream`. `uid` is the `serialVersionUID` of its class.
 */
export function writeMessage(message: MessageToWrite, uid: bigint): Buffer {
  const { file } = message
  const fields = fieldsOf(message)
  const body = [
    streamHeader,
    bytesOf(tag.object, tag.classDescriptor),
    utf('qqcommon.Message'),
    long(uid),
    bytesOf(isSerialisable),
    short(fields.length + (file ? 1 : 0)),
    ...(file ? [bytesOf('I'.charCodeAt(0)), utf('fileLen')] : []),
    ...descriptions(fields),
    bytesOf(tag.endBlockData, tag.null),
    ...(file ? [int(file.bytes.length)] : []),
    ...fields.map(([, value]) => valueOf(value)),
  ]
  return Buffer.concat(body)
}

/** In the order of Java: by name. */
function fieldsOf({ mesType, sender, getter, content, sendTime, file }: MessageToWrite): Field[] {
  const fields: Field[] = [
    ['content', content],
    ['getter', getter],
    ['mesType', mesType],
    ['sendTime', sendTime],
    ['sender', sender],
  ]
  if (file === undefined) return fields
  fields.push(['dest', file.dest], ['fileBytes', file.bytes], ['src', file.src])
  return fields.sort(([one], [other]) => (one < other ? -1 : 1))
}

/** Fields with their types; a type that was named before is referred to. */
function descriptions(fields: readonly Field[]): Buffer[] {
  // The class itself has the first handle.
  const named = new Map<string, number>()
  return fields.flatMap(([name, value]) => {
    const type = Buffer.isBuffer(value) ? byteArray.name : stringType
    const before = named.get(type)
    if (before === undefined) named.set(type, firstHandle + 1 + named.size)
    const letter = bytesOf(type.charCodeAt(0))
    return [letter, utf(name), before === undefined ? string(type) : reference(before)]
  })
}

function valueOf(value: string | Buffer | undefined): Buffer {
  if (value === undefined) return bytesOf(tag.null)
  if (typeof value === 'string') return string(value)
  return Buffer.concat([
    bytesOf(tag.array, tag.classDescriptor),
    utf(byteArray.name),
    long(byteArray.uid),
    bytesOf(isSerialisable, 0, 0, tag.endBlockData, tag.null),
    int(value.length),
    value,
  ])
}

function string(text: string): Buffer {
  const bytes = encodeModifiedUtf(text)
  if (bytes.length <= longestShortString) {
    return Buffer.concat([bytesOf(tag.string), short(bytes.length), bytes])
  }
  return Buffer.concat([bytesOf(tag.longString), long(BigInt(bytes.length)), bytes])
}

function reference(handle: number): Buffer {
  return Buffer.concat([bytesOf(tag.reference), int(handle)])
}

function utf(text: string): Buffer {
  const bytes = encodeModifiedUtf(text)
  return Buffer.concat([short(bytes.length), bytes])
}

function bytesOf(...bytes: number[]): Buffer {
  return Buffer.from(bytes)
}

function short(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

function long(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(value)
  return bytes
}
