import { describe, expect, test } from 'vitest'
import { availability } from './availability.ts'
import { Revisions } from './revisions.ts'

function change(userId: string, shard: number) {
  return { userId, shard, state: availability.online, sinceMs: 1 }
}

describe('Revisions', () => {
  test('a batch has one shard, and each names the one before it on its shard', () => {
    const revisions = new Revisions(2, 10)
    const first = revisions.batches([change('a', 0), change('b', 1), change('c', 0)])
    const second = revisions.batches([change('d', 1)])
    const told = [...first, ...second].map((batch) => [
      batch.shard,
      batch.previousRevision,
      batch.revision,
      batch.transitions.map((one) => one.userId).join(''),
    ])
    expect(told).toEqual([
      [0, 0, 1, 'ac'],
      [1, 0, 2, 'b'],
      [1, 2, 3, 'd'],
    ])
    expect(revisions.current).toBe(3)
  })

  test('no batch is longer than the bound', () => {
    const revisions = new Revisions(1, 2)
    const changes = ['a', 'b', 'c', 'd', 'e'].map((id) => change(id, 0))
    const lengths = revisions.batches(changes).map((batch) => batch.transitions.length)
    expect(lengths).toEqual([2, 2, 1])
  })

  test('nothing changed, nothing to publish', () => {
    expect(new Revisions(2, 2).batches([])).toEqual([])
  })

  test('beacons count as batches of every shard', () => {
    const revisions = new Revisions(2, 2)
    revisions.batches([change('a', 1)])
    expect(revisions.beacons()).toEqual([
      { shard: 0, revision: 2, previousRevision: 0, transitions: [] },
      { shard: 1, revision: 3, previousRevision: 1, transitions: [] },
    ])
  })
})
