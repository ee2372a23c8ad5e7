import { describe, expect, test } from 'vitest'
import type { Place } from '../domain/place.ts'
import {
  maxFrameBytes,
  maxFrameEvents,
  maxProcessBytes,
  maxSessionBytes,
  SendQueue,
} from './send-queue.ts'

function setup() {
  const budget = { usedBytes: 0 }
  const place = { conversation: 1, sent: 0, announced: true } as Place
  return { budget, place, queue: new SendQueue(budget) }
}

function frames(queue: SendQueue): Buffer[] {
  const all = []
  for (let frame = queue.nextFrame(); frame; frame = queue.nextFrame()) all.push(frame)
  return all
}

describe('a send queue', () => {
  test('joins events into frames of at most 64 events and about 16 KiB', () => {
    const { queue } = setup()
    for (let i = 0; i < 100; i += 1) queue.control(Buffer.from([i]))
    const all = frames(queue)
    expect(all.map((frame) => frame.length)).toEqual([maxFrameEvents, 36])
    expect(Buffer.concat(all)).toEqual(Buffer.from(Array.from({ length: 100 }, (_, i) => i)))
    for (let i = 0; i < 5; i += 1) queue.control(Buffer.alloc(6_000))
    expect(frames(queue).every((frame) => frame.length <= maxFrameBytes)).toBe(true)
  })

  test('passes one event that is larger than a frame by itself', () => {
    const { queue } = setup()
    queue.control(Buffer.alloc(maxFrameBytes * 3))
    expect(queue.nextFrame()?.length).toBe(maxFrameBytes * 3)
  })

  test('refuses entries over its bound, and drops them all to be read again from the log', () => {
    const { queue, place, budget } = setup()
    queue.control(Buffer.from('accepted'))
    let seq = 0
    while (queue.entries(place, seq + 1, Buffer.alloc(64 * 1024))) {
      seq += 1
      place.sent = seq
    }
    expect(queue.logBytes).toBeLessThanOrEqual(maxSessionBytes)
    expect(queue.dropEntries()).toEqual([place])
    expect(place).toMatchObject({ sent: 0, announced: false })
    expect(budget.usedBytes).toBe(0)
    expect(queue.nextFrame()?.toString()).toBe('accepted')
    expect(queue.nextFrame()).toBeUndefined()
  })

  test('winds a place back only to what was not written yet', () => {
    const { queue, place } = setup()
    queue.entries(place, 1, Buffer.alloc(maxFrameBytes))
    queue.entries(place, 2, Buffer.alloc(maxFrameBytes))
    place.sent = 2
    queue.nextFrame()
    queue.dropEntries()
    expect(place.sent).toBe(1)
  })

  test('refuses entries when all sessions together hold too much', () => {
    const { queue, place, budget } = setup()
    budget.usedBytes = maxProcessBytes
    expect(queue.isProcessFull).toBe(true)
    expect(queue.entries(place, 1, Buffer.alloc(1))).toBe(false)
  })

  test('keeps only the latest ephemeral event of a key, after everything else', () => {
    const { queue } = setup()
    queue.ephemeral('typing', Buffer.from('old'))
    queue.control(Buffer.from('control '))
    queue.ephemeral('typing', Buffer.from('new'))
    expect(Buffer.concat(frames(queue)).toString()).toBe('control new')
  })

  test('gives its bytes back when it is cleared', () => {
    const { queue, place, budget } = setup()
    queue.entries(place, 1, Buffer.alloc(100))
    queue.clear()
    expect(budget.usedBytes).toBe(0)
    expect(queue.nextFrame()).toBeUndefined()
  })
})
