import { describe, expect, test } from 'vitest'
import { encodeLanMessage, parseLanMessage } from './lan-message.ts'

const messageId = '01939d0c-7a31-7000-8000-4f1c2d3e4a5b'
const said = { type: 'say', messageId, text: 'hello', sentAtMs: 1 } as const

describe('a message of the LAN', () => {
  test.each([
    [said],
    [{ ...said, text: '是'.repeat(5_461) }],
    [{ type: 'shown', messageId } as const],
  ])('is read as it was made', (message) => {
    expect(parseLanMessage(encodeLanMessage(message))).toEqual(message)
  })

  test.each([
    ['no JSON', 'hello'],
    ['no object', '"hello"'],
    ['nothing', ''],
    ['null', 'null'],
    ['of another type', JSON.stringify({ ...said, type: 'shout' })],
    ['without an id', JSON.stringify({ ...said, messageId: 'x' })],
    ['with an id in capitals', JSON.stringify({ ...said, messageId: messageId.toUpperCase() })],
    ['without a text', JSON.stringify({ ...said, text: 1 })],
    ['with an empty text', JSON.stringify({ ...said, text: '' })],
    ['with too long a text', JSON.stringify({ ...said, text: 'x'.repeat(16_385) })],
    ['from before time', JSON.stringify({ ...said, sentAtMs: -1 })],
  ])('is none when it is %s', (_what, text) => {
    expect(parseLanMessage(Buffer.from(text))).toBeUndefined()
  })

  test('is none when it is not UTF-8', () => {
    const bytes = encodeLanMessage(said)
    bytes[bytes.indexOf('hello')] = 0xff
    expect(parseLanMessage(bytes)).toBeUndefined()
  })

  test('is refused before it is sent when it is too long', () => {
    for (const text of ['x'.repeat(16_385), '\u0001'.repeat(16_384)]) {
      expect(() => encodeLanMessage({ ...said, text })).toThrow(
        expect.objectContaining({ reason: 'TEXT_TOO_LONG' }),
      )
    }
  })
})
