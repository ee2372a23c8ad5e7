import { describe, expect, test } from 'vitest'
import { runSeed } from './run-seed.ts'
import { runSeeds, tellFailure } from './run-seeds.ts'

const seeds = Number(process.env['SIMULATION_SEEDS'] ?? 1_000)
const replayed = 20

describe('whatever breaks, in simulated worlds', () => {
  test('every promise is kept', { timeout: 600_000 }, async () => {
    const { failed, ...facts } = await runSeeds(1, seeds)
    expect(failed.map(tellFailure)).toEqual([])
    expect(facts.seeds).toBe(seeds)
    expect(facts.least.faults).toBeGreaterThanOrEqual(20)
    expect(facts.operations / seeds).toBeGreaterThanOrEqual(2_000)
  })

  test('the same seed gives the same world, byte by byte', { timeout: 120_000 }, async () => {
    const first = new Map<number, string>()
    await runSeeds(1, replayed, { told: ({ seed, digest }) => void first.set(seed, digest) })
    const again = new Map<number, string>()
    await runSeeds(1, replayed, {
      workers: 1,
      told: ({ seed, digest }) => void again.set(seed, digest),
    })
    expect(Object.fromEntries(again)).toEqual(Object.fromEntries(first))
  })

  test('another seed gives another world', { timeout: 60_000 }, async () => {
    const [one, other] = [await runSeed(1), await runSeed(2)]
    expect(one.digest).not.toBe(other.digest)
  })
})
