import { runSeed } from '../../apps/relay/src/simulation/run-seed.ts'

const everySeeds = 100
const tracedLines = 40

/**
 * Simulates one seed after the other on the real code, see apps/relay/src/simulation; ends at the
 * first that breaks a promise and answers how.
 */
export async function simulate(
  [from, to]: readonly [number, number],
  tell: (line: string) => void,
): Promise<readonly string[]> {
  for (let seed = from; seed <= to; seed += 1) {
    const { breaches, trace } = await runSeed(seed)
    if (breaches.length > 0) {
      for (const line of trace.slice(-tracedLines)) tell(line)
      return breaches.map((line) => `seed ${seed}: ${line}`)
    }
    if ((seed - from + 1) % everySeeds === 0) tell(`${seed - from + 1} seeds are sound`)
  }
  return []
}
