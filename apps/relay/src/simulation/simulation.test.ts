import { describe, expect, test } from 'vitest'
import { runSeed } from './run-seed.ts'
import { runSeeds, tellFailure } from './run-seeds.ts'

const seeds = Number(process.env['SIMULATION_SEEDS'] ?? 1_000)
const replayed = Math.min(20, seeds)

describe('whatever breaks, in simulated worlds', () => {
  test(
    'every promise is kept, and the same seed gives the same world',
    {
      timeout: 2_400_000,
    },
    async () => {
      const digests = new Map<number, string>()
      const { failed, ...facts } = await runSeeds(1, seeds, {
        told: ({ seed, digest }) => void digests.set(seed, digest),
      })
      expect(failed.map(tellFailure)).toEqual([])
      expect(facts.seeds).toBe(seeds)
      // Of 34 strokes some find nothing to break: what is down already, or has no connection.
      expect(facts.faults / facts.seeds).toBeGreaterThanOrEqual(24)
      expect(facts.least.faults).toBeGreaterThanOrEqual(16)
      expect(facts.least.operations).toBeGreaterThanOrEqual(2_000)

      // Byte by byte, in another thread that has run other worlds before.
      await runSeeds(1, replayed, {
        workers: 1,
        told: ({ seed, digest }) =>
          expect(`${seed} ${digest}`).toBe(`${seed} ${digests.get(seed)}`),
      })
    },
  )

  test('another seed gives another world', { timeout: 600_000 }, async () => {
    const [one, other] = [await runSeed(1), await runSeed(2)]
    expect(one.digest).not.toBe(other.digest)
  })
})
