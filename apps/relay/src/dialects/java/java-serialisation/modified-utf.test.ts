import { expect, test } from 'vitest'
import { decodeModifiedUtf, encodeModifiedUtf } from './modified-utf.ts'

test.each([
  { note: 'nothing', text: '', hex: '' },
  { note: 'ASCII', text: 'ab', hex: '6162' },
  { note: 'NUL, as two bytes', text: 'a\0', hex: '61c080' },
  { note: 'two bytes', text: '\u0080\u07ff', hex: 'c280dfbf' },
  { note: 'three bytes', text: '\u0800\uffff', hex: 'e0a080efbfbf' },
  { note: 'an emoji, as two halves', text: '\u{1f600}', hex: 'eda0bdedb880' },
])('$note goes both ways', ({ text, hex }) => {
  expect(encodeModifiedUtf(text).toString('hex')).toBe(hex)
  expect(decodeModifiedUtf(Buffer.from(hex, 'hex'))).toBe(text)
})

test('every character goes both ways', () => {
  let text = ''
  for (let point = 0; point < 0x11_0000; point += 7) {
    if (point < 0xd800 || point > 0xdfff) text += String.fromCodePoint(point)
  }
  expect(decodeModifiedUtf(encodeModifiedUtf(text))).toBe(text)
})

test('half a character is read as one that stands for what cannot be read', () => {
  expect(decodeModifiedUtf(Buffer.from('eda0bd', 'hex'))).toBe('\ufffd')
})

test.each(['c3', 'c341', 'e4bd', 'e4bd41', '80', 'f09f9880', 'ff'])('%s is refused', (hex) => {
  expect(() => decodeModifiedUtf(Buffer.from(hex, 'hex'))).toThrow('modified UTF-8')
})
