import { expect, test } from 'vitest'
import type { Round } from './profiles.ts'
import { playRound } from './round.ts'
import { startTortureWorld } from './world.ts'

const round: Round = {
  store: 'sqlite',
  relays: 1,
  presences: 1,
  messages: 100,
  perSecond: 100,
  tracks: [
    {
      name: 'relays',
      between: [20, 30],
      plans: [{ fault: 'kill', members: ['relay'], times: 2, forMs: [0, 0] }],
    },
  ],
}

test('a part that does not start again is a breach of its round, which is judged all the same', async () => {
  const world = await startTortureWorld(round)
  try {
    const start = async (part: string) => {
      await world.start(part)
      throw new Error(`${part} did not get ready`)
    }
    const outcome = await playRound({ ...world, start }, round, 1)
    expect(outcome.isStuck).toBe(true)
    expect(outcome.breaches).toEqual([
      'stuck while playing: not over again: kill relay: Error: relay did not get ready',
    ])
    expect(outcome.events.filter(({ f }) => f === 'log')).not.toEqual([])
    expect(outcome.deeds.kills.get('relay')).toBe(1)
    expect(outcome.deeds.over.size).toBe(0)
  } finally {
    await world.stop()
  }
})
