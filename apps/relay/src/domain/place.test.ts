import { describe, expect, test } from 'vitest'
import { isNext, nextStep, visibleHead } from './place.ts'
import type { Place } from './place.ts'

function place(facts: Partial<Place>): Place {
  return {
    conversation: 1,
    publicId: new Uint8Array(16),
    epoch: 1,
    kind: 2,
    title: '',
    peerId: undefined,
    peerName: '',
    stays: [{ from: 1, to: Infinity }],
    sent: 0,
    acked: 0,
    head: 0,
    vouched: 0,
    announced: false,
    isBlocked: false,
    offersDirect: false,
    behind: false,
    ...facts,
  }
}

describe('a place in a log', () => {
  test('has nothing to do when it is level with the head', () => {
    expect(nextStep(place({ sent: 5, head: 5 }))).toEqual({ kind: 'nothing' })
  })

  test('reads on from what was sent', () => {
    expect(nextStep(place({ sent: 5, head: 9 }))).toEqual({ kind: 'read', from: 6, to: 9 })
  })

  test('tells a gap for what was written before the user joined', () => {
    const joinedLate = place({ head: 9, stays: [{ from: 4, to: Infinity }] })
    expect(nextStep(joinedLate)).toEqual({ kind: 'gap', from: 1, to: 3 })
  })

  test('walks through stays and the gaps between them, and stops at the last one', () => {
    const returned = place({
      head: 20,
      stays: [
        { from: 2, to: 5 },
        { from: 9, to: 12 },
      ],
    })
    const steps = []
    for (let step = nextStep(returned); step.kind !== 'nothing'; step = nextStep(returned)) {
      steps.push(`${step.kind} ${step.from}-${step.to}`)
      returned.sent = step.to
    }
    expect(steps).toEqual(['gap 1-1', 'read 2-5', 'gap 6-8', 'read 9-12'])
    expect(visibleHead(returned)).toBe(12)
  })

  test('takes an entry live only when it is the very next one of a lasting stay', () => {
    expect(isNext(place({ sent: 4 }), 5)).toBe(true)
    expect(isNext(place({ sent: 4 }), 6)).toBe(false)
    expect(isNext(place({ sent: 4, behind: true }), 5)).toBe(false)
    expect(isNext(place({ sent: 4, stays: [{ from: 1, to: 4 }] }), 5)).toBe(false)
  })

  test('takes nothing live that was written between leaving and coming back', () => {
    const stays = [
      { from: 1, to: 4 },
      { from: 7, to: Infinity },
    ]
    expect(isNext(place({ sent: 5, stays }), 6)).toBe(false)
    expect(isNext(place({ sent: 6, stays }), 7)).toBe(true)
  })
})
