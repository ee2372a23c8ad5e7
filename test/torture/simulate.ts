import { runSeeds, tellFailure } from '../../apps/relay/src/simulation/run-seeds.ts'

/** So many seeds at first, so that a broken build is known soon; then more at a time. */
const firstSeeds = 20
const moreSeeds = 200

/**
 * Simulates seeds on the real code, see apps/relay/src/simulation; ends with the first seed in which
 * a promise is broken and answers how.
 */
export async function simulate(
  [from, to]: readonly [number, number],
  tell: (line: string) => void,
): Promise<readonly string[]> {
  let size = firstSeeds
  for (let next = from; next <= to; next += size, size = moreSeeds) {
    const last = Math.min(to, next + size - 1)
    const { failed, operations, faults, acknowledged } = await runSeeds(next, last, {
      untilBroken: true,
    })
    const [first] = failed
    if (first) tell(tellFailure(first))
    const found = failed.flatMap(({ seed, breaches }) => breaches.map((line) => [seed, line]))
    if (found.length > 0) return found.map(([seed, line]) => `seed ${seed}: ${line}`)
    const facts = `${operations} operations, ${faults} faults, ${acknowledged} acknowledged`
    tell(`seeds ${next} to ${last} are sound: ${facts}`)
  }
  return []
}
