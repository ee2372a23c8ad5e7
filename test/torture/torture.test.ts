import { expect, test } from 'vitest'
import { isSkippedHere } from './disk/abilities.ts'
import { ciRound } from './profiles.ts'
import { roundLines, roundReport, total } from './report/report.ts'
import { playRound } from './round.ts'
import { startTortureWorld } from './world.ts'

const leastKills = 60
const seed = 20_261
const timeoutMs = 8 * 60_000

// Said aloud: without it the disk is never slow.
isSkippedHere('slow syncs of the relay', 'strace')

test.each([
  ['sqlite', 'with one relay'],
  ['mariadb', 'with two relays'],
] as const)(
  'on %s, %s, every promise holds through 20,000 messages and 60 kills',
  async (store) => {
    const round = ciRound(store)
    const world = await startTortureWorld(round)
    try {
      const outcome = await playRound(world, round, seed)
      const report = roundReport(round, outcome)
      process.stdout.write(`${roundLines(report)}\n`)
      expect(report.breaches).toEqual([])
      expect(report.accepted).toBeGreaterThanOrEqual(round.messages)
      expect(total(report.kills)).toBeGreaterThanOrEqual(leastKills)
      expect(report.files).toBeGreaterThan(0)
    } finally {
      await world.stop()
    }
  },
  timeoutMs,
)
