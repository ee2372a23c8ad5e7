import { chat } from '@parley/proto'
import { describe, expect, test } from 'vitest'
import { ConversationLog, blankConversation, maxOwnWaiting } from './conversation-log.ts'

const entry = chat.Entry.fromPartial({})

function run(firstSeq: number, count: number) {
  return { firstSeq, entries: Array.from({ length: count }, () => entry) }
}

function logAt(seq: number): ConversationLog {
  return new ConversationLog({ ...blankConversation('c', 1), seq })
}

describe('a conversation’s log', () => {
  test.each([
    [6, 2, 6, 2, 'what follows'],
    [4, 4, 6, 2, 'what overlaps'],
  ])('takes from %d on %d entries: %d on %d of %s', (firstSeq, count, from, taken) => {
    const log = logAt(5)
    expect(log.take(run(firstSeq, count))).toMatchObject({ firstSeq: from })
    expect(log.seq).toBe(5 + taken)
    expect(log.isBehind).toBe(false)
  })

  test('takes nothing after a hole, and knows that it is behind', () => {
    const log = logAt(5)
    expect(log.take(run(7, 2))).toBeUndefined()
    expect([log.seq, log.wantedSeq, log.isBehind]).toEqual([5, 8, true])
  })

  test('takes nothing twice', () => {
    const log = logAt(5)
    expect(log.take(run(3, 3))).toBeUndefined()
    expect(log.isBehind).toBe(false)
  })

  test('puts its own entries where they belong, when what lies before them is there', () => {
    const log = logAt(5)
    log.own(7, entry)
    log.own(8, entry)
    expect(log.takeOwn()).toBeUndefined()
    log.take(run(6, 1))
    expect(log.takeOwn()).toMatchObject({ firstSeq: 7, entries: [entry, entry] })
    expect(log.seq).toBe(8)
    expect(log.takeOwn()).toBeUndefined()
  })

  test('keeps a thousand own entries at most; the others are asked for', () => {
    const log = logAt(0)
    for (let seq = 2; seq <= maxOwnWaiting + 11; seq += 1) log.own(seq, entry)
    log.take(run(1, 1))
    expect(log.takeOwn()?.entries).toHaveLength(maxOwnWaiting)
    expect([log.seq, log.wantedSeq]).toEqual([maxOwnWaiting + 1, maxOwnWaiting + 11])
  })

  test('passes over a gap that follows, not over one that leaves a hole', () => {
    const log = logAt(5)
    expect(log.skip(8, 9)).toBe(false)
    expect(log.skip(6, 9)).toBe(true)
    expect(log.skip(6, 9)).toBe(false)
    expect(log.seq).toBe(9)
  })
})
