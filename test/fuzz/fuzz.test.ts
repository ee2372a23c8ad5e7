import { expect, test } from 'vitest'
import { fuzz, sharesOf } from './fuzz.ts'
import { targets } from './targets.ts'

const inputs = Number(process.env['FUZZ_INPUTS'] ?? 20_000)
const seed = Number(process.env['FUZZ_SEED'] ?? 1)
const shares = sharesOf(targets, inputs)

test.each(targets)(
  '$name take whatever comes without a crash, within bounds',
  async (target) => {
    const share = shares.get(target) ?? 0
    const fuzzed = await fuzz(target, share, seed)
    console.log(fuzzed)
    expect(fuzzed.findings).toEqual([])
    expect(fuzzed.inputs).toBe(share)
    expect(fuzzed.heldGrowthBytes).toBeLessThan(target.maxGrowthBytes)
  },
  3_600_000,
)
