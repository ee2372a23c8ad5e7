import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutColumns, padColumns, textWidth } from './width.ts'

test.each([
  ['latin', 'parley', 6],
  ['Han', '早上好', 6],
  ['full-width punctuation', '，', 2],
  ['an emoji', '🙂', 2],
  ['a family of four, one sign', '👩‍👩‍👧‍👦', 2],
  ['a flag', '🇨🇳', 2],
  ['a letter with a mark', 'e\u0301', 1],
  ['Hangul', '한국', 4],
  ['nothing', '', 0],
])('%s', (_note, text, columns) => {
  expect(textWidth(text)).toBe(columns)
})

test('a cut text never takes more columns than allowed and says that it was cut', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 30 }),
      fc.integer({ min: 1, max: 20 }),
      (text, columns) => {
        const cut = cutColumns(text, columns)
        expect(textWidth(cut)).toBeLessThanOrEqual(columns)
        expect(cut === text || cut.endsWith('…')).toBe(true)
      },
    ),
  )
})

test('padding fills up to the column and leaves longer texts alone', () => {
  expect(padColumns('早', 4)).toBe('早  ')
  expect(padColumns('early', 4)).toBe('early')
})
