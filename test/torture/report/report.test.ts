import { expect, test } from 'vitest'
import { noDeeds } from '../nemesis/nemesis.ts'
import { ciRound } from '../profiles.ts'
import { killsOfKeepers, roundLines, roundReport, runLines, runReport } from './report.ts'

function round(seed: number, breaches: readonly string[]) {
  const deeds = noDeeds()
  deeds.kills.set('relay', 2)
  deeds.strokes.set('kill', 2).set('cut', 1)
  deeds.over.set('relays', 70).set('ways', 90)
  const outcome = { seed, accepted: 100, deeds, events: [], files: 3, breaches, isStuck: false }
  return roundReport(ciRound('sqlite'), { ...outcome, stormMs: 1_500, totalMs: 2_000 })
}

test('a run sums its rounds up and says what was skipped', () => {
  const run = runReport('ci', 1, [round(1, []), round(2, ['I1: lost'])], ['slow disks: no strace'])
  expect(run).toMatchObject({
    acknowledged: 200,
    kills: 4,
    faults: 6,
    uploads: 6,
    seconds: 4,
    breaches: 1,
  })
  expect(runLines(run)).toBe(
    'SKIPPED: slow disks: no strace\n200 acknowledged messages, 4 kills, 6 faults, 6 uploads in 4 s: 1 breaches',
  )
})

test('a round that broke a promise says so first and each breach below', () => {
  expect(roundLines(round(2, ['I1: lost']))).toBe(
    [
      'BROKEN  sqlite x1 seed 2: 100 acknowledged, 2 kills (relay 2), 3 faults, 3 uploads, 2 s',
      '        accepted at the last fault of each track: relays 70, ways 90',
      '        I1: lost',
    ].join('\n'),
  )
})

test('only relays and the database hold messages', () => {
  expect(killsOfKeepers({ relay: 1, 'relay-2': 2, mariadb: 4, nats: 8, presence: 16 })).toBe(7)
})
