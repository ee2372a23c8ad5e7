import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mayContain, signatureOf } from './signature.ts'

const grams = fc.uniqueArray(fc.string({ minLength: 2, maxLength: 3 }), { maxLength: 500 })

test('a signature never denies what it was made of', () => {
  fc.assert(
    fc.property(grams, (all) => {
      const signature = signatureOf(new Set(all))
      for (const gram of all) expect(mayContain(signature, [gram])).toBe(true)
    }),
  )
})

test('a signature wrongly admits about one gram in a hundred', () => {
  const known = new Set(Array.from({ length: 2_000 }, (_, i) => `known ${i}`))
  const signature = signatureOf(known)
  const others = Array.from({ length: 10_000 }, (_, i) => `other ${i}`)
  const wrong = others.filter((gram) => mayContain(signature, [gram])).length
  expect(wrong).toBeGreaterThan(0)
  expect(wrong).toBeLessThan(300)
})

test('a signature of nothing admits nothing', () => {
  expect(mayContain(signatureOf(new Set()), ['tea'])).toBe(false)
})
