import { expect, test } from 'vitest'
import type { NewEntry } from '../../tx.ts'
import { PendingRows } from './pending.ts'

const line = (bytes: number): NewEntry => ({
  conversation: 1,
  sender: 2,
  clientId: undefined,
  digest: undefined,
  kind: 1,
  targetSeq: undefined,
  sentAtMs: 3,
  entry: new Uint8Array(bytes),
})

test('lines go in few statements, each far below what a server takes', () => {
  const pending = new PendingRows()
  for (let seq = 1; seq <= 1_024; seq += 1) pending.append(line(10), seq)
  expect(pending.take().map(({ params }) => params!.length / 9)).toEqual([1_000, 24])
  for (let seq = 1; seq <= 40; seq += 1) pending.append(line(65_536), seq)
  const sizes = pending.take().map(({ params }) => params!.length / 9)
  expect(sizes).toEqual([15, 15, 10])
  expect(pending.take()).toEqual([])
})

test('cursors of one device are one row, the highest; rows are in the order of their keys', () => {
  const pending = new PendingRows()
  pending.delivered(9, 1, 5)
  pending.delivered(2, 7, 3)
  pending.delivered(9, 1, 4)
  pending.delivered(2, 3, 1)
  const [statement] = pending.take()
  expect(statement?.params).toEqual([2, 3, 1, 2, 7, 3, 9, 1, 5])
})
