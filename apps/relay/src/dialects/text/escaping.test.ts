import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lineEscaping, nameEscaping, textEscaping } from './escaping.ts'

/** Texts in which everything that matters is near everything else. */
const knotty = fc.string({
  unit: fc.constantFrom(...Array.from('a|@,\n\r\t｜＠，↵␍\u2060😀\u0000')),
  maxLength: 40,
})
const anyText = fc.oneof(knotty, fc.string({ unit: 'binary', maxLength: 60 }))

describe.each([
  { note: 'texts', escaping: textEscaping, gone: /[|@\n\r]/ },
  { note: 'names', escaping: nameEscaping, gone: /[|@,\n\r]/ },
  { note: 'lines', escaping: lineEscaping, gone: /[\n\r]/ },
])('the escaping of $note', ({ escaping, gone }) => {
  test('gives any text back, exactly', () => {
    fc.assert(
      fc.property(anyText, (text) => escaping.unescape(escaping.escape(text)) === text),
      { numRuns: 5_000 },
    )
  })

  test('leaves nothing that ends a field', () => {
    fc.assert(
      fc.property(anyText, (text) => !gone.test(escaping.escape(text))),
      { numRuns: 2_000 },
    )
  })

  test('takes what nobody has escaped', () => {
    fc.assert(fc.property(anyText, (text) => typeof escaping.unescape(text) === 'string'))
  })
})

test.each([
  { note: 'a separator', text: 'a|b@c', shown: 'a｜b＠c' },
  { note: 'a comma, which ends nothing', text: 'a, b', shown: 'a, b' },
  { note: 'a line end', text: 'one\ntwo', shown: 'one↵two' },
  { note: 'Chinese', text: '你好，世界', shown: '你好，世界' },
  { note: 'a wide sign itself', text: '＠', shown: '＠\u2060' },
  { note: 'an invisible mark', text: 'a\u2060', shown: 'a\u2060' },
])('a text stays readable: $note', ({ text, shown }) => {
  expect(textEscaping.escape(text)).toBe(shown)
})

test('what an old client types in a request is what it says', () => {
  expect(lineEscaping.unescape('＠｜，\u2060|@,')).toBe('＠｜，\u2060|@,')
})
