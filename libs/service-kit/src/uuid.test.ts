import { FakeScheduler } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { isUuidv7, uuidBytes, uuidText, uuidv7 } from './index.ts'

describe('uuidv7', () => {
  test('starts with the wall clock and carries version and variant', () => {
    const id = uuidv7(new FakeScheduler({ startMs: 0x0123_4567_89ab }))
    expect(uuidText(id)).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(isUuidv7(id)).toBe(true)
  })

  test('differs each time within one millisecond', () => {
    const scheduler = new FakeScheduler()
    const ids = new Set(Array.from({ length: 1_000 }, () => uuidText(uuidv7(scheduler))))
    expect(ids.size).toBe(1_000)
  })

  test('text and bytes turn into each other', () => {
    const text = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b'
    expect(uuidText(uuidBytes(text))).toBe(text)
    expect(uuidText(uuidBytes(text.toUpperCase()))).toBe(text)
  })

  test('bytes that lie inside a larger buffer are read at their place', () => {
    const all = Uint8Array.from({ length: 32 }, (_, index) => index)
    expect(uuidText(all.subarray(8, 24))).toBe('08090a0b-0c0d-0e0f-1011-121314151617')
  })

  test.each(['', 'x', '0190a1b2c3d47e5f8a9b0c1d2e3f4a5b', '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5g'])(
    'refuses the text %j',
    (text) => {
      expect(() => uuidBytes(text)).toThrow(expect.objectContaining({ reason: 'ID_MALFORMED' }))
    },
  )

  test.each([0, 15, 17])('refuses an id of %i bytes', (length) => {
    expect(() => uuidText(new Uint8Array(length))).toThrow(
      expect.objectContaining({ kind: 'invalid', reason: 'ID_MALFORMED' }),
    )
    expect(isUuidv7(new Uint8Array(length))).toBe(false)
  })
})
