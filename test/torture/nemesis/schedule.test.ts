import { expect, test } from 'vitest'
import { schedule } from './schedule.ts'
import type { Track } from './schedule.ts'

const track: Track = {
  name: 'relays',
  between: [100, 200],
  plans: [
    { fault: 'kill', members: ['relay', 'relay-2'], times: 5, forMs: [0, 10] },
    { fault: 'hang-up', members: [], times: 2, forMs: [0, 0] },
  ],
}

test('the same seed gives the same strokes in the same order, another seed others', () => {
  expect(schedule(track, 7)).toEqual(schedule(track, 7))
  expect(schedule(track, 7)).not.toEqual(schedule(track, 8))
})

test('every plan is carried out as often as it says, members in turn, within its bounds', () => {
  const strokes = schedule(track, 1)
  const killed = strokes.filter(({ fault }) => fault === 'kill').map(({ member }) => member)
  expect(killed.toSorted()).toEqual(['relay', 'relay', 'relay', 'relay-2', 'relay-2'])
  expect(strokes).toHaveLength(7)
  expect(strokes.every(({ after }) => after >= 100 && after <= 200)).toBe(true)
  expect(strokes.every(({ forMs }) => forMs >= 0 && forMs <= 10)).toBe(true)
})
