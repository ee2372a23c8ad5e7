import { expect, test } from 'vitest'
import { ciRound } from './profiles.ts'
import { killsOfKeepers, roundLines, roundReport, total } from './report/report.ts'
import { playRound } from './round.ts'
import { skips } from './runs.ts'
import { startTortureWorld } from './world.ts'

/** Of all parts; those that hold messages have theirs for themselves. */
const leastKills = 60
const seed = 20_261
const timeoutMs = 15 * 60_000

test('every fault can be made here', () => {
  const missing = skips()
  for (const what of missing) process.stderr.write(`SKIPPED: ${what}\n`)
  const mustNotSkip = process.getuid?.() === 0 && process.env['CI'] === 'true'
  if (mustNotSkip) expect(missing).toEqual([])
})

test.each([
  { note: 'SQLite with one relay', round: ciRound('sqlite'), ofKeepers: 34 },
  { note: 'MariaDB with two relays', round: ciRound('mariadb'), ofKeepers: 38 },
])(
  'on $note every promise holds for 20,000 messages and 60 kills, $ofKeepers of what holds messages',
  async ({ round, ofKeepers }) => {
    const world = await startTortureWorld(round)
    try {
      const outcome = await playRound(world, round, seed)
      const report = roundReport(round, outcome)
      process.stdout.write(`${roundLines(report)}\n`)
      expect(report.breaches).toEqual([])
      expect(report.accepted).toBeGreaterThanOrEqual(round.messages)
      expect(total(report.kills)).toBeGreaterThanOrEqual(leastKills)
      expect(killsOfKeepers(report.kills)).toBeGreaterThanOrEqual(ofKeepers)
      expect(Object.keys(report.faultsUntil)).toHaveLength(round.tracks.length)
      expect(report.files).toBeGreaterThan(0)
    } finally {
      await world.stop()
    }
  },
  timeoutMs,
)
