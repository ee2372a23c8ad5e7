/** Tortures a whole system and says what it could not bear: see docs/delivery.md. */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { toLines } from '@parley/history'
import { ciRound, scaled } from './profiles.ts'
import { playRound } from './round.ts'
import { startTortureWorld } from './world.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    messages: { type: 'string' },
    faults: { type: 'string', default: '1' },
    out: { type: 'string' },
    store: { type: 'string', default: 'sqlite' },
  },
})

const full = ciRound(values.store === 'mariadb' ? 'mariadb' : 'sqlite')
const round = scaled(full, Number(values.messages ?? full.messages), Number(values.faults))
const world = await startTortureWorld(round)
try {
  const outcome = await playRound(world, round, Number(values.seed))
  const { events: _events, ...told } = outcome
  if (values.out) writeFileSync(values.out, toLines(_events))
  console.log({ ...told, events: _events.length })
  if (outcome.breaches.length > 0) process.exitCode = 1
} finally {
  await world.stop()
}
