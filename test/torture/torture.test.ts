import { expect, test } from 'vitest'
import { ciRound } from './profiles.ts'
import { roundLines, roundReport, total } from './report/report.ts'
import { playRound } from './round.ts'
import { skips } from './runs.ts'
import { startTortureWorld } from './world.ts'

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
  { note: 'SQLite with one relay', round: ciRound('sqlite') },
  { note: 'MariaDB with two relays', round: ciRound('mariadb') },
])(
  'on $note every promise holds through 20,000 messages and 60 kills',
  async ({ round }) => {
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
