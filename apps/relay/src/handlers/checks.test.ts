import { describe, expect, test } from 'vitest'
import { lineOf, linesOf } from './checks.ts'

const bounds = { field: 'title', maxBytes: 128, filled: true }

describe('one line of text', () => {
  test.each([
    { note: 'Han and Latin', text: '周末 weekend' },
    { note: 'a family of four, held together by joiners', text: '👨‍👩‍👧‍👦' },
    { note: 'Persian with a non-joiner', text: 'می‌خواهم' },
  ])('may be $note', ({ text }) => {
    expect(lineOf(text, bounds)).toBe(text)
  })

  test.each([
    { note: 'a bell', text: 'a\u0007b' },
    { note: 'a second line', text: 'a\nb' },
    { note: 'an override of direction', text: 'a\u202eb' },
    { note: 'a mark of direction', text: 'a\u200fb' },
    { note: 'a space without width', text: 'ad\u200bmin' },
    { note: 'a byte order mark', text: '\ufeffadmin' },
    { note: 'tags that hide words', text: 'a\u{e0068}\u{e0069}' },
    { note: 'a C1 control', text: 'a\u009bb' },
  ])('may not have $note', ({ text }) => {
    expect(() => lineOf(text, bounds)).toThrow(expect.objectContaining({ reason: 'TEXT_CONTROLS' }))
    expect(() => linesOf(text.replace('\n', '\v'), bounds)).toThrow('control')
  })

  test('has something to see and no more bytes than it may', () => {
    expect(() => lineOf(' \u3000', bounds)).toThrow('cannot be empty')
    expect(() => lineOf('字'.repeat(43), bounds)).toThrow('128 bytes')
  })
})
