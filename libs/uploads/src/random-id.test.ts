import { systemScheduler } from '@parley/service-kit'
import { expect, test } from 'vitest'
import { randomId } from './random-id.ts'

const all = (byte: number) => ({
  ...systemScheduler,
  randomBytes: (count: number) => new Uint8Array(count).fill(byte),
})

test('spells 160 random bits in 32 characters', () => {
  expect(randomId(all(0))).toBe('a'.repeat(32))
  expect(randomId(all(255))).toBe('7'.repeat(32))
  expect(randomId(all(0x21))).toMatch(/^(eeqscijb){4}$/)
  const ids = Array.from({ length: 200 }, () => randomId(systemScheduler))
  for (const id of ids) expect(id).toMatch(/^[a-z2-7]{32}$/)
  expect(new Set(ids).size).toBe(200)
})
