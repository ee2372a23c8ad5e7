import { expect, test } from 'vitest'
import type { Lease } from './domain/session.ts'
import { Streams } from './streams.ts'

function lease(bootId: string): Lease {
  const sessions: Lease['sessions'] = new Set()
  return { relay: 'r', bootId, sessions, formerBoots: [], heardAtMs: 0, retired: false }
}

test('one stream more than the bound is refused until another closes', () => {
  const streams = new Streams(2, 5_000)
  const first = streams.open(0)
  streams.open(0)
  const refusal = expect.objectContaining({ kind: 'exhausted', reason: 'TOO_MANY_STREAMS' })
  expect(() => streams.open(0)).toThrow(refusal)
  first.close()
  expect(() => streams.open(0)).not.toThrow()
})

test('a stream that says nothing for a lease ends, one that reports goes on', () => {
  const streams = new Streams(3, 5_000)
  const [silent, reporting] = [streams.open(0), streams.open(0)]
  reporting.heard(lease('b'), 4_000)
  streams.endSilent(5_000)
  expect(silent.signal.reason).toMatchObject({ reason: 'LEASE_EXPIRED' })
  expect(reporting.signal.aborted).toBe(false)
})

test('a newer stream of the same boot ends the older one, and no other', () => {
  const streams = new Streams(3, 5_000)
  const own = lease('b')
  const [older, newer, other] = [streams.open(0), streams.open(0), streams.open(0)]
  older.heard(own, 0)
  other.heard(lease('c'), 0)
  newer.heard(own, 1)
  newer.heard(own, 2)
  expect(older.signal.reason).toMatchObject({ kind: 'conflict', reason: 'STREAM_REPLACED' })
  expect([newer.signal.aborted, other.signal.aborted]).toEqual([false, false])
})
