import { describe, expect, test } from 'vitest'
import { ObjectStream, readObjects } from './object-stream.ts'
import { recorded } from './recorded.ts'
import { writeMessage } from './write-message.ts'

const maxBytes = 1_000_000

describe('the bytes of files go where somebody takes them', () => {
  const files = ['a small file', 'another file, a little longer']
  const nothing = { objects: [], refused: undefined }

  test.each([
    { note: 'whole', piece: 100_000 },
    { note: 'in pieces of 7 bytes', piece: 7 },
    { note: 'byte by byte', piece: 1 },
  ])('two on one stream, and what refers to one has none: $note', ({ piece }) => {
    const kept = keeping()
    const bytes = recorded('files-of-one-stream')
    const objects = []
    for (let at = 0; at < bytes.length; at += piece) {
      const read = readObjects(kept.stream, bytes.subarray(at, at + piece), maxBytes)
      expect(read.refused).toBeUndefined()
      objects.push(...read.objects)
    }
    expect(kept.files.map(String)).toEqual(files)
    const lengths = [undefined, files[0]!.length, files[1]!.length, files[0]!.length]
    expect(objects.map((each) => ('fileBytes' in each ? each.fileBytes : undefined))).toEqual([
      ...lengths,
      files[0]!.length,
      undefined,
    ])
    expect(objects.at(-1)).toMatchObject({ content: 'behind the files' })
  })

  test('one that is refused is left out, and the next one taken', () => {
    const kept = keeping((lengthBytes) => lengthBytes > files[0]!.length)
    const { objects } = readObjects(kept.stream, recorded('files-of-one-stream'), maxBytes)
    expect([objects.length, kept.files.map(String)]).toEqual([6, [files[1]]])
  })

  test('an object whose bytes come last is there when they are', () => {
    const bytes = lastFieldOnly(Buffer.from('to the very end'))
    const kept = keeping()
    expect(readObjects(kept.stream, bytes.subarray(0, -1), maxBytes)).toEqual(nothing)
    expect(readObjects(kept.stream, bytes.subarray(-1), maxBytes).objects).toMatchObject([
      { fileBytes: 15 },
    ])
    expect(kept.files.map(String)).toEqual(['to the very end'])
  })

  test('they are not held a second time', () => {
    const mib = Buffer.alloc(1024 * 1024, 7)
    const file = { src: 'a', dest: 'b', bytes: mib }
    const kept = keeping()
    readObjects(kept.stream, writeMessage({ mesType: '8', file }, 1n), 1_000)
    expect(kept.files.map((bytes) => bytes.equals(mib))).toEqual([true])
    expect(kept.stream.heldBytes).toBeLessThan(10_000)
  })
})

/** A message that has `fileBytes` and no other field. */
function lastFieldOnly(file: Buffer): Buffer {
  const file8 = recorded('file').toString('latin1')
  const [head = ''] = file8.split('\x02\0\x09')
  const array = /ur\0\x02\[B.{8}\x02\0\0\x78\x70/s.exec(file8)?.[0] ?? ''
  expect(array.length).toBeGreaterThan(10)
  const length = Buffer.from([0, 0, 0, file.length]).toString('latin1')
  const described = `${head}\x02\0\x01[\0\x09fileBytest\0\x02[B\x78\x70`
  return Buffer.concat([Buffer.from(described + array + length, 'latin1'), file])
}

/** A stream, and what it has given of files. */
function keeping(takes: (lengthBytes: number) => boolean = () => true) {
  const files: Buffer[] = []
  const stream = new ObjectStream((lengthBytes) => {
    if (!takes(lengthBytes)) return undefined
    const index = files.push(Buffer.alloc(0)) - 1
    return { write: (bytes) => void (files[index] = Buffer.concat([files[index]!, bytes])) }
  })
  return { stream, files }
}
