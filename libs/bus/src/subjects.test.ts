import { systemScheduler, uuidv7 } from '@parley/service-kit'
import { describe, expect, test } from 'vitest'
import { presenceShards, shardOf, subjects } from './subjects.ts'

describe('subjects', () => {
  test('are the ones of the contract', () => {
    expect(subjects.presence(63)).toBe('parley.v1.presence.63')
    expect(subjects.user('0190-Az_')).toBe('parley.v1.user.0190-Az_')
    expect(subjects.group('g')).toBe('parley.v1.group.g')
  })

  test.each(['', '*', '>', 'a.b', 'a b', 'ä', 'a\n', 'a'.repeat(65)])('refuse the id %j', (id) => {
    const refusal = expect.objectContaining({ kind: 'invalid', reason: 'SUBJECT_INVALID' })
    expect(() => subjects.user(id)).toThrow(refusal)
    expect(() => subjects.group(id)).toThrow(refusal)
  })

  test.each([-1, 64, 0.5, Number.NaN])('refuse the shard %d', (shard) => {
    expect(() => subjects.presence(shard)).toThrow(
      expect.objectContaining({ reason: 'SUBJECT_INVALID' }),
    )
  })
})

describe('shardOf', () => {
  test('is the same in every process and version', () => {
    expect(shardOf(new Uint8Array(16))).toBe(61)
    expect(shardOf(Uint8Array.from({ length: 16 }, (_, i) => i))).toBe(34)
  })

  test('spreads users made in one burst evenly', () => {
    const counts = Array.from({ length: presenceShards }, () => 0)
    for (let i = 0; i < 64_000; i += 1) {
      const shard = shardOf(uuidv7(systemScheduler))
      counts[shard] = (counts[shard] ?? 0) + 1
    }
    expect(Math.min(...counts)).toBeGreaterThan(800)
    expect(Math.max(...counts)).toBeLessThan(1_200)
  })
})
