import { runDiskFaults } from '../disk/disk-faults.ts'
import { runPowerCuts } from '../power-cut/power-cuts.ts'
import { simulate } from '../simulate.ts'
import { presenceEndsWithItsRelay } from './presence-lease.ts'
import { nobodyReadsWithoutTicket } from './unauthorised-reads.ts'

/** Seeds of the first look, which finds most of what is broken in a chat, and of the last. */
const [firstSeeds, moreSeeds] = [6, 18]
const cuts = 4
/** One sync of each service that fails. */
const diskFaults = 2

/** One way to find a broken promise; answers its breaches. */
type Stage = (seed: number, tell: (line: string) => void) => Promise<readonly string[]>

// The quicker a stage finds what it is there for, the earlier it comes.
const stages: readonly (readonly [string, Stage])[] = [
  ['simulation', (seed, tell) => simulate([seed, seed + firstSeeds - 1], tell)],
  ['unauthorised reads', nobodyReadsWithoutTicket],
  ['presence', presenceEndsWithItsRelay],
  ['power cuts', async (seed, tell) => (await runPowerCuts({ seed, cuts, tell })).breaches],
  [
    'failing disks',
    async (seed, tell) => (await runDiskFaults({ seed, faults: diskFaults, tell })).breaches,
  ],
  [
    'more simulation',
    (seed, tell) => simulate([seed + firstSeeds, seed + firstSeeds + moreSeeds - 1], tell),
  ],
]

/** The profile that tells a sound build from a broken one in a minute: it ends at the first breach. */
export async function prove(
  seed: number,
  tell: (line: string) => void,
): Promise<readonly string[]> {
  for (const [name, stage] of stages) {
    const startMs = performance.now()
    const breaches = await stage(seed, tell)
    tell(`${name}: ${breaches.length} breaches, ${Math.round(performance.now() - startMs)} ms`)
    if (breaches.length > 0) return breaches
  }
  return []
}
