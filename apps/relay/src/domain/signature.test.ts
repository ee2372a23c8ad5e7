import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gramsOfWords, maxGrams, mayContain, signatureMaker } from './signature.ts'

const signatureOf = signatureMaker()
const han = (i: number) => String.fromCodePoint(0x4e00 + i)
const pairs = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => han(from + (i >> 6)) + han(from + 500 + (i & 63)))
const numbered = (word: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${word}${String(i).padStart(6, '0')}`)

test('a signature never denies a word that it was made of', () => {
  const words = fc.array(fc.stringMatching(/^[a-z你好吗北京0-9]{1,9}$/u), { maxLength: 200 })
  fc.assert(
    fc.property(words, (all) => {
      const signature = signatureOf(all)
      for (const each of all) expect(mayContain(signature, gramsOfWords([each]))).toBe(true)
      expect(mayContain(signature, gramsOfWords(all))).toBe(true)
    }),
  )
})

test('a signature wrongly admits about one gram in 120', () => {
  const signature = signatureOf([pairs(0, 2_000).join(' ')])
  const wrong = pairs(6_000, 10_000).filter((each) => mayContain(signature, gramsOfWords([each])))
  expect(wrong.length).toBeGreaterThan(20)
  expect(wrong.length).toBeLessThan(200)
})

test('a signature is as large as what it was made of, whatever was made before', () => {
  const large = signatureOf(numbered('word', 500))
  expect(signatureOf([])).toEqual(Uint8Array.of(0))
  expect(signatureOf(['tea'])).toHaveLength(2)
  expect(signatureOf(numbered('word', 500))).toEqual(large)
})

test('a signature of nothing admits only words without grams', () => {
  expect(mayContain(signatureOf([]), gramsOfWords(['tea']))).toBe(false)
  expect(mayContain(signatureOf([]), gramsOfWords(['茶']))).toBe(true)
})

test('a signature of too much admits everything and is small', () => {
  expect(signatureOf(pairs(0, maxGrams))).toHaveLength((maxGrams * 10) / 8)
  const signature = signatureOf(pairs(0, maxGrams + 1))
  expect(signature).toEqual(Uint8Array.of(0xff))
  expect(mayContain(signature, gramsOfWords(['anything', '什么']))).toBe(true)
  expect(mayContain(signatureOf(['tea']), gramsOfWords(['coffee']))).toBe(false)
})
