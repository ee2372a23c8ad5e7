import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { combiningMarksLimit, visible, visibleJson, visibleLine } from './visible.ts'

// What a terminal must never get from somebody else, written apart from the code under test.
function mayDoHarm(code: number): boolean {
  if (code === 0x0a) return false
  const c0OrDelOrC1 = code < 0x20 || (code >= 0x7f && code <= 0x9f)
  const bidi =
    code === 0x061c ||
    code === 0x200e ||
    code === 0x200f ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069)
  return c0OrDelOrC1 || bidi || code === 0x2028 || code === 0x2029
}

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .array(fc.integer({ min: 0, max: 0x2100 }).map((code) => String.fromCharCode(code)))
    .map((a) => a.join('')),
  fc.constantFrom(
    '\u001b]0;owned\u0007',
    '\u009b31m',
    '\u001bP+q\u001b\\',
    'a'.concat('\u0301'.repeat(50)),
  ),
)

describe('visible', () => {
  test('lets nothing through that a terminal would obey, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.array(nasty).map((parts) => parts.join('')),
        (text) => {
          const shown = [...visible(text)]
          expect(shown.some((char) => mayDoHarm(char.codePointAt(0) ?? 0))).toBe(false)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('changes nothing the second time', () => {
    fc.assert(fc.property(nasty, (text) => visible(visible(text)) === visible(text)))
  })

  test('leaves no longer pile of marks than its limit', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const longest = visible(text).match(/\p{M}+/gu) ?? []
        return longest.every((run) => [...run].length <= combiningMarksLimit)
      }),
    )
  })

  test.each([
    ['plain words', 'Good morning, 早上好! Łódź', 'Good morning, 早上好! Łódź'],
    ['a newline', 'one\ntwo', 'one\ntwo'],
    ['a family joined by joiners', '👩‍👩‍👧‍👦', '👩‍👩‍👧‍👦'],
    ['the flag of Scotland', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '🏴󠁧󠁢󠁳󠁣󠁴󠁿'],
    ['a window title escape', '\u001b]0;x\u0007', '␛]0;x␇'],
    ['a carriage return', 'pay 1\rpay 9', 'pay 1␍pay 9'],
    ['a C1 introducer', '\u009b2J', '<U+009B>2J'],
    ['DEL', 'a\u007f', 'a␡'],
    ['an override of direction', 'exe.\u202egpj', 'exe.<U+202E>gpj'],
    ['a line separator', 'a\u2028b', 'a<U+2028>b'],
    ['hidden tag letters', 'a\u{E0041}b', 'a<U+E0041>b'],
    ['a lone surrogate', 'a\ud800b', 'a<U+D800>b'],
  ])('%s', (_note, given, shown) => {
    expect(visible(given)).toBe(shown)
  })

  test('a name cannot begin a new line', () => {
    expect(visibleLine('bob\n[10:00] alice: yes')).not.toContain('\n')
  })
})

describe('visibleJson', () => {
  test('is the same value for a program and harmless on a terminal', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const json = visibleJson({ text })
        const value = JSON.parse(json) as { text: string }
        expect(value.text).toBe(text)
        expect([...json].some((char) => mayDoHarm(char.codePointAt(0) ?? 0))).toBe(false)
        expect(json).not.toContain('\n')
      }),
    )
  })
})
