import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { maxNameChars, nameKey, parseName } from './names.ts'
import type { Name } from './names.ts'

describe('names', () => {
  test.each([
    ['alice', 'Latin letters'],
    ['Élodie', 'an accent'],
    ['王小明', 'Han'],
    ['小明Ming7', 'Han, Latin and digits'],
    ['すずき', 'Hiragana'],
    ['иван', 'Cyrillic'],
    ['a.b_c-d', 'marks between letters'],
    ['x', 'one character'],
    ['漢'.repeat(32), 'as long as may be'],
  ])('takes %s: %s', (text) => {
    expect(parseName(text)).toHaveProperty('key')
  })

  test.each([
    ['', 'NAME_EMPTY', 'nothing'],
    ['a'.repeat(33), 'NAME_TOO_LONG', 'one too many'],
    ['a'.repeat(100_000), 'NAME_TOO_LONG', 'far too many'],
    ['al ice', 'NAME_CHARACTERS', 'a space'],
    ['al\u00a0ice', 'NAME_CHARACTERS', 'a hard space'],
    ['al\u200bice', 'NAME_CHARACTERS', 'a space of no width'],
    ['al\u202eice', 'NAME_CHARACTERS', 'a bidi override'],
    ['al\u0000ice', 'NAME_CHARACTERS', 'a control character'],
    ['al\u3164ice', 'NAME_CHARACTERS', 'an invisible letter'],
    ['al\ufe0fice', 'NAME_CHARACTERS', 'a variation selector'],
    ['a\u0300\u0301\u0302\u0303b', 'NAME_CHARACTERS', 'a heap of marks'],
    ['.alice', 'NAME_CHARACTERS', 'a dot in front'],
    ['alice-', 'NAME_CHARACTERS', 'a dash at the end'],
    ['../etc', 'NAME_CHARACTERS', 'a path'],
    ['@alice', 'NAME_CHARACTERS', 'an at sign'],
    ['al\ud800ice', 'NAME_CHARACTERS', 'half a surrogate pair'],
    ['\u0430lice', 'NAME_MIXED_SCRIPTS', 'a Cyrillic a among Latin letters'],
    ['alic\u03b5', 'NAME_MIXED_SCRIPTS', 'a Greek epsilon among Latin letters'],
    ['admin', 'NAME_RESERVED', 'a reserved name'],
    ['ADMIN', 'NAME_RESERVED', 'a reserved name in upper case'],
    ['adm1n', 'NAME_RESERVED', 'a reserved name with a digit'],
    ['r00t', 'NAME_RESERVED', 'a reserved name with zeros'],
    ['Server', 'NAME_RESERVED', 'a reserved name'],
    ['系统', 'NAME_RESERVED', 'a reserved name in Chinese'],
  ])('answers %j with %s: %s', (text, reason) => {
    expect(parseName(text)).toBe(reason)
  })

  test.each([
    ['Alice', 'alice', 'case'],
    ['ＡＬＩＣＥ', 'alice', 'width'],
    ['Straße', 'STRASSE', 'sharp s'],
    ['ΣΑΣ', 'σας', 'final sigma'],
    ['e\u0301lodie', 'Élodie', 'composition'],
  ])('finds %s and %s under one key: %s', (one, other) => {
    expect(nameKey(one)).toBe(nameKey(other))
  })

  test.each([
    ['paul', 'pau1', 'l and 1'],
    ['bob', 'b0b', 'o and 0'],
    ['Iarry', 'larry', 'I and l'],
    ['modern', 'modem', 'rn and m'],
    ['copa', 'сора', 'Latin and Cyrillic'],
    ['ABE', 'ΑΒΕ', 'Latin and Greek capitals'],
  ])('knows that %s and %s look alike: %s', (one, other) => {
    expect(name(one).skeleton).toBe(name(other).skeleton)
  })

  it('keeps different names apart', () => {
    expect(name('alice').skeleton).not.toBe(name('alicia').skeleton)
    expect(name('josé').skeleton).not.toBe(name('jose').skeleton)
  })

  it('finds nobody under a text as long as a message, without looking at all of it', () => {
    const text = `ann${'\u0315'.repeat(60_000)}${'\u0316'.repeat(60_000)}`
    expect(nameKey(text)).toBe(`ann${'\u0315'.repeat(125)}`)
  })

  it('gives the same forms for its own output, whatever the input', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const parsed = parseName(text)
        if (typeof parsed === 'string') return
        expect(Array.from(parsed.name).length).toBeLessThanOrEqual(maxNameChars)
        expect(parseName(parsed.name)).toEqual(parsed)
        expect(nameKey(parsed.key)).toBe(parsed.key)
        expect(nameKey(parsed.name.toUpperCase())).toBe(parsed.key)
      }),
    )
  })
})

function name(text: string): Name {
  const parsed = parseName(text)
  if (typeof parsed === 'string') throw new Error(`${text}: ${parsed}`)
  return parsed
}
