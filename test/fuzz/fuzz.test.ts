import { afterAll, expect, test } from 'vitest'
import { fuzz, sharesOf } from './fuzz.ts'
import type { Fuzzed } from './fuzz.ts'
import { keepReport } from './report.ts'
import { targets } from './targets.ts'

const inputs = Number(process.env['FUZZ_INPUTS'] ?? 20_000)
const seed = Number(process.env['FUZZ_SEED'] ?? 1)
const isKept = process.env['FUZZ_KEEP'] === '1'
const shares = sharesOf(targets, inputs)
const all: Fuzzed[] = []

// Vitest fails a run in which something is thrown where nobody catches it; here it is counted, too.
const uncaught: string[] = []
process.on('uncaughtExceptionMonitor', (error) => uncaught.push(String(error.stack)))
process.on('unhandledRejection', (reason) => uncaught.push(String(reason)))

test.each(targets)(
  '$name: whatever comes, nothing breaks and nothing is held for good',
  async (target) => {
    const share = shares.get(target) ?? 0
    const fuzzed = await fuzz(target, share, seed)
    all.push(fuzzed)
    expect(fuzzed.findings).toEqual([])
    expect(fuzzed.inputs).toBe(share)
    expect(fuzzed.heldGrowthBytes).toBeLessThan(target.maxGrowthBytes)
    expect(uncaught).toEqual([])
  },
  3_600_000,
)

afterAll(() => {
  if (isKept) keepReport({ seed, fuzzed: all, uncaught })
})
