import { describe, expect, test } from 'vitest'
import { ObjectStream, readObjects } from './object-stream.ts'
import { recorded, records } from './recorded.ts'
import { tag } from './stream-format.ts'
import { writeMessage } from './write-message.ts'

const maxBytes = 1_000_000
const ann = { className: 'qqcommon.User', userId: 'ann', password: 'correct horse' }

function read(bytes: Buffer) {
  return readObjects(new ObjectStream(), bytes, maxBytes)
}

/** Reads byte by byte. */
function readSlowly(bytes: Buffer) {
  const stream = new ObjectStream()
  const reads = [...bytes].map((byte) => readObjects(stream, Buffer.from([byte]), maxBytes))
  const refused = reads.find((each) => each.refused !== undefined)?.refused
  return { objects: reads.flatMap(({ objects }) => objects), refused }
}

describe('what a JVM wrote is read', () => {
  test('a user', () => {
    expect(read(recorded('user'))).toEqual({ objects: [ann], refused: undefined })
    expect(read(recorded('user-without-password')).objects).toEqual([
      { ...ann, password: undefined },
    ])
  })

  test.each([
    { note: 'with nine fields', record: 'message', content: 'hello' },
    { note: 'with five fields', record: 'five-fields', content: 'hello, ann' },
    { note: 'of nulls', record: 'message-of-nulls', content: undefined },
    { note: 'beyond ASCII', record: 'words', content: '在吗? \0 é \u{1f600} \u07ff\u0800' },
    { note: 'with half a character', record: 'half-a-character', content: '<\ufffd>' },
  ])('a message $note', ({ record, content }) => {
    const { objects, refused } = read(recorded(record))
    expect([objects.length, refused]).toEqual([1, undefined])
    expect(objects[0]).toMatchObject({ className: 'qqcommon.Message', content })
  })

  test('a file', () => {
    expect(read(recorded('file')).objects[0]).toEqual({
      className: 'qqcommon.Message',
      mesType: '8',
      sender: 'ann',
      getter: 'bob',
      content: undefined,
      sendTime: undefined,
      src: 'C:\\notes.txt',
      dest: 'D:\\notes.txt',
      fileBytes: 'a small file'.length,
    })
  })

  test('objects of one stream, with a reset and an object twice', () => {
    const { objects, refused } = read(recorded('one-stream'))
    const told = objects.map((each) => ('content' in each ? (each.content ?? each.mesType) : ''))
    const twice = 'the same object twice'
    expect(told).toEqual(['', '4', 'one', 'two', 'after a reset', twice, twice, '6'])
    expect(refused).toBeUndefined()
  })

  test('objects of a new stream each', () => {
    const bytes = Buffer.concat([recorded('user'), recorded('message'), recorded('message')])
    expect(read(bytes).objects.map(({ className }) => className)).toEqual([
      'qqcommon.User',
      'qqcommon.Message',
      'qqcommon.Message',
    ])
  })

  test.each([...records.keys()])('in any pieces: %s', (name) => {
    expect(readSlowly(recorded(name))).toEqual(read(recorded(name)))
  })
})

describe('what is neither a user nor a message is refused', () => {
  test.each([
    ['refused-list', 'the class "java.util.ArrayList" is not read here'],
    ['refused-string', 'string where a User or a Message is needed'],
    ['refused-null', 'null where a User or a Message is needed'],
    ['refused-class', 'class where a User or a Message is needed'],
    ['refused-enum', 'enum where a User or a Message is needed'],
    ['refused-array', 'array where a User or a Message is needed'],
    ['refused-bytes', 'array where a User or a Message is needed'],
    ['refused-subclass', 'the class "records.Record$SubMessage" is not read here'],
    ['refused-own-words', 'the class "records.Record$OwnWords" is not read here'],
    ['refused-externalizable', 'the class "records.Record$Outside" is not read here'],
    ['refused-block-data', 'block data where a User or a Message is needed'],
    ['refused-long-block-data', 'long block data where a User or a Message is needed'],
    ['refused-proxy', 'proxy class descriptor where a class is needed'],
  ])('%s: %s', (name, why) => {
    expect(read(recorded(name))).toEqual({ objects: [], refused: why })
  })

  test('and nothing is read after it', () => {
    const stream = new ObjectStream()
    const first = readObjects(stream, recorded('refused-list'), maxBytes)
    expect(readObjects(stream, recorded('user'), maxBytes)).toEqual(first)
    expect(stream.heldBytes).toBe(0)
  })
})

describe('a class that is not quite the one is refused', () => {
  const changed = (from: string, to: string) => {
    const bytes = recorded('message').toString('latin1')
    expect(bytes).toContain(from)
    return Buffer.from(bytes.replace(from, to), 'latin1')
  }

  test.each([
    { note: 'with words of its own', from: '\x02\0\x09', to: '\x03\0\x09', why: 'by its fields' },
    { note: 'with its own form', from: '\x02\0\x09', to: '\x0c\0\x09', why: 'by its fields' },
    { note: 'with more fields', from: '\x02\0\x09', to: '\x02\0\x0a', why: 'more fields' },
    { note: 'with another field', from: 'fileLen', to: 'fileLan', why: '"fileLan"' },
    { note: 'with a prototype', from: '\x04dest', to: '\x09__proto__', why: '"__proto__"' },
    { note: 'with a field twice', from: '\x04dest', to: '\x06sender', why: 'comes twice' },
    { note: 'with a long', from: 'I\0\x07fileLen', to: 'J\0\x07fileLen', why: 'not read here' },
    { note: 'with an object', from: 'java/lang/String', to: 'java/lang/Object', why: 'not read' },
    { note: 'with another array', from: '[B', to: '[C', why: 'not read here' },
    { note: 'with a number late', from: 'L\0\x04dest', to: 'I\0\x04dest', why: 'no int' },
    { note: 'with an annotation', from: '\x78\x70', to: '\x77\x00', why: 'annotated' },
    { note: 'with a superclass', from: '\x78\x70', to: '\x78\x72', why: 'superclass' },
  ])('$note', ({ from, to, why }) => {
    const { objects, refused } = read(changed(from, to))
    expect(objects).toEqual([])
    expect(refused).toContain(why)
  })

  test('with a number after what is none', () => {
    const number = 'I\0\x07fileLen'
    const bytes = changed(number, '').toString('latin1').replace('\x78\x70', `${number}\x78\x70`)
    expect(read(Buffer.from(bytes, 'latin1')).refused).toContain('comes too late')
  })
})

describe('references', () => {
  const handle = (index: number) => Buffer.from([tag.reference, 0, 0x7e, 0, index])

  test.each([
    { note: 'to nothing', index: 99, why: 'a reference to nothing' },
    { note: 'to a class', index: 0, why: 'a reference to a class' },
    { note: 'to a string', index: 1, why: 'a reference to a string' },
  ])('where an object belongs are refused: $note', ({ index, why }) => {
    const { objects, refused } = read(Buffer.concat([recorded('user'), handle(index)]))
    expect(objects).toEqual([ann])
    expect(refused).toContain(why)
  })

  test('of an object to itself are refused', () => {
    // The password refers to the user; the descriptor has the handle 0, its type 1, the user 2.
    const user = recorded('user').toString('latin1').split('\x78\x70')[0] ?? ''
    const bytes = Buffer.concat([Buffer.from(`${user}\x78\x70`, 'latin1'), handle(2)])
    expect(read(bytes).refused).toBe('a reference to nothing')
  })

  test('mean nothing after a reset', () => {
    const bytes = Buffer.concat([recorded('user'), Buffer.from([tag.reset]), handle(2)])
    expect(read(bytes).refused).toBe('a reference to nothing')
  })
})

describe('bounds', () => {
  test('an object that says it is longer than allowed is refused before it has come', () => {
    const message = { mesType: '3', content: 'x'.repeat(10_000) }
    const bytes = writeMessage(message, 1n).subarray(0, 200)
    const { refused } = readObjects(new ObjectStream(), bytes, 1_000)
    expect(refused).toBe('an object has at most 1000 bytes')
  })

  test('an array below zero is refused', () => {
    const hex = recorded('file').toString('hex')
    const bytes = hex.replace('0000000c61', '8000000061')
    expect(bytes).not.toBe(hex)
    expect(read(Buffer.from(bytes, 'hex')).refused).toContain('below zero')
  })

  test('the bytes of a file are not held, however many there are', () => {
    const mib = Buffer.alloc(1024 * 1024, 7)
    const file = { src: 'a', dest: 'b', bytes: mib }
    const bytes = writeMessage({ mesType: '8', sender: 'ann', file }, 1n)
    const [at, end] = [bytes.indexOf(mib), bytes.indexOf(mib) + mib.length]
    bytes.writeInt32BE(64 * mib.length, at - 4)
    const stream = new ObjectStream()
    const pieces = [bytes.subarray(0, at), ...Array.from({ length: 64 }, () => mib)]
    const held = pieces.map((piece) => {
      expect(readObjects(stream, piece, 1_000)).toEqual({ objects: [], refused: undefined })
      return stream.heldBytes
    })
    expect(Math.max(...held)).toBeLessThan(1_000)
    const rest = Buffer.concat([bytes.subarray(end), recorded('user')])
    expect(readObjects(stream, rest, 1_000).objects).toMatchObject([
      { sender: 'ann', src: 'a', dest: 'b', fileBytes: 64 * mib.length },
      ann,
    ])
  })

  test.each([
    { note: 'below zero', length: -1n, why: 'below zero' },
    { note: 'beyond all memory', length: 2n ** 62n, why: 'at most' },
  ])('a long string $note is refused', ({ length, why }) => {
    const long = Buffer.alloc(9)
    long.writeUInt8(tag.longString)
    long.writeBigInt64BE(length, 1)
    const user = recorded('user').toString('latin1').split('\x78\x70')[0] ?? ''
    const bytes = Buffer.concat([Buffer.from(`${user}\x78\x70`, 'latin1'), long])
    expect(read(bytes).refused).toContain(why)
  })

  test('a string is decoded once, however many pieces come after it', () => {
    const content = 'é'.repeat(1_000)
    const bytes = writeMessage({ mesType: '3', content, getter: 'ann' }, 1n)
    const at = bytes.indexOf(content)
    const stream = new ObjectStream()
    const first = Buffer.from(bytes.subarray(0, at + 2_000))
    expect(readObjects(stream, first, maxBytes).objects).toEqual([])
    // Who looked at it again would refuse it.
    first.fill(0xff, at)
    for (const byte of bytes.subarray(at + 2_000, -1)) {
      const read = readObjects(stream, Buffer.from([byte]), maxBytes)
      expect(read).toEqual({ objects: [], refused: undefined })
    }
    const { objects } = readObjects(stream, bytes.subarray(-1), maxBytes)
    expect(objects).toMatchObject([{ content, getter: 'ann' }])
  })

  test('a stream that is used for ever is served with bounded memory', () => {
    const stream = new ObjectStream()
    const held = longStream(4_000).map((bytes) => {
      const { objects } = readObjects(stream, bytes, maxBytes)
      return objects.length === 1 ? stream.heldBytes : Infinity
    })
    expect(Math.max(...held)).toBeLessThan(300_000)
  })

  test('what was not named for long is let go, and a reference to it refused', () => {
    const stream = new ObjectStream()
    for (const bytes of longStream(4_000)) readObjects(stream, bytes, maxBytes)
    // The text of the first message; its class is still known.
    const text = Buffer.from([
      tag.object,
      tag.reference,
      0,
      0x7e,
      0,
      0,
      tag.reference,
      0,
      0x7e,
      0,
      3,
    ])
    expect(readObjects(stream, text, maxBytes).refused).toContain('let go')
  })
})

/** Messages of one stream: the first with all descriptions, each with new words. */
function longStream(count: number): Buffer[] {
  const whole = writeMessage({ mesType: '3', sender: 'ann', content: 'first' }, 1n)
  const rest = Array.from({ length: count }, (_, i) => {
    const words = Buffer.from(`words ${i}`)
    const text = Buffer.concat([Buffer.from([tag.string, 0, words.length]), words])
    const kind = Buffer.from([tag.reference, 0, 0x7e, 0, 4, tag.null, tag.null])
    const object = Buffer.from([tag.object, tag.reference, 0, 0x7e, 0, 0])
    return Buffer.concat([object, text, Buffer.from([tag.null]), kind])
  })
  return [whole, ...rest]
}
