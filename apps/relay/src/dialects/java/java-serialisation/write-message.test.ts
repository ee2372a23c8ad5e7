import { describe, expect, test } from 'vitest'
import { ObjectStream, readObjects } from './object-stream.ts'
import { recorded } from './recorded.ts'
import { writeMessage } from './write-message.ts'

const sent = {
  mesType: '3',
  sender: 'bob',
  getter: 'ann',
  content: 'hello, ann',
  sendTime: '2026-11-22 00:00:00',
}

describe('a message is written as a JVM writes it', () => {
  test('whose class has five fields', () => {
    expect(writeMessage(sent, 1n)).toEqual(recorded('five-fields'))
  })

  test('with a file, whose class has nine', () => {
    const file = { src: 'C:\\notes.txt', dest: 'D:\\notes.txt', bytes: Buffer.from('a small file') }
    const message = { mesType: '8', sender: 'ann', getter: 'bob', file }
    expect(writeMessage(message, 1n)).toEqual(recorded('file'))
  })
})

test.each([
  { note: 'nothing', content: '' },
  { note: 'words', content: '在吗? \0 é \u{1f600}' },
  { note: 'more than a short string holds', content: '至尊宝'.repeat(20_000) },
])('$note can be read again', ({ content }) => {
  const bytes = writeMessage({ ...sent, content }, -7n)
  const stream = new ObjectStream()
  const { objects, refused } = readObjects(stream, bytes, 1_000_000)
  expect([objects[0], refused]).toMatchObject([{ ...sent, content }, undefined])
  expect(stream.messageUid).toBe(-7n)
})
