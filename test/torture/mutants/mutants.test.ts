import { expect, test } from 'vitest'
import { isProven, runMutants } from './run-mutants.ts'

const seed = 1
const timeoutMs = 20 * 60_000

test(
  'the profile that a sound build passes catches all fourteen mutants',
  async () => {
    const tell = (line: string) => void process.stdout.write(`${line}\n`)
    const tried = await runMutants({ seed, names: [], tell })
    const wrong = tried.filter((one) => !isProven([one]))
    expect(wrong.map(({ mutant, verdict }) => [mutant?.name, verdict])).toEqual([])
    expect(
      tried.map(({ mutant }) => mutant?.name).filter((name) => name !== undefined),
    ).toHaveLength(14)
  },
  timeoutMs,
)
