import { FakeScheduler } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { CommitQueue, maxBatch, maxQueued, unresolvedAfterMs } from './commit-queue.ts'
import type { Command, Journal, Outcome } from './journal.ts'
import { noEffects } from './journal.ts'

const command = (mark: number): Command => ({ name: 'ackCursors', input: { marks: [mark] } })
const ok: Outcome = { ok: true, answer: null, duplicate: false, effects: noEffects }

interface Pending {
  readonly batch: readonly Command[]
  resolve(outcomes: readonly Outcome[]): void
  reject(error: Error): void
}

/** A journal whose disk is this test. */
function setup() {
  const scheduler = new FakeScheduler()
  const pending: Pending[] = []
  const journal = {
    commit: (batch: readonly Command[]) =>
      new Promise<readonly Outcome[]>((resolve, reject) =>
        pending.push({ batch, resolve, reject }),
      ),
  } as Journal
  const told: string[] = []
  const queue = new CommitQueue(journal, scheduler, () => void told.push('committed'))
  const push = (mark: number) =>
    queue.push(command(mark), {
      settled: (outcome) => void told.push(outcome === undefined ? `? ${mark}` : `ok ${mark}`),
    })
  const settleTurn = async () => {
    await scheduler.advance(0)
    await scheduler.advance(0)
  }
  return { scheduler, pending, queue, told, push, settleTurn }
}

describe('group commit', () => {
  test('commands of one turn share a batch, and the next batch gathers meanwhile', async () => {
    const { pending, push, settleTurn, told } = setup()
    push(1)
    push(2)
    await settleTurn()
    push(3)
    push(4)
    await settleTurn()
    expect(pending.map(({ batch }) => batch.length)).toEqual([2])
    pending[0]?.resolve([ok, ok])
    await settleTurn()
    expect(pending.map(({ batch }) => batch.length)).toEqual([2, 2])
    expect(told).toEqual(['ok 1', 'committed', 'ok 2', 'committed'])
  })

  test('a batch has at most 1,024 commands', async () => {
    const { pending, push, settleTurn } = setup()
    for (let i = 0; i < maxBatch + 5; i += 1) push(i)
    await settleTurn()
    expect(pending[0]?.batch.length).toBe(maxBatch)
  })

  test('nothing overtakes a lost batch: what waits behind it is to be repeated as well', async () => {
    const { pending, push, settleTurn, told } = setup()
    push(1)
    await settleTurn()
    push(2)
    pending[0]?.reject(new Error('disk full'))
    await settleTurn()
    expect(told).toEqual(['? 1', '? 2'])
    expect(pending.length).toBe(1)
  })

  test('of a batch that is lost in part the stored part is told, the rest and all behind it is to be repeated', async () => {
    const { pending, push, settleTurn, told } = setup()
    for (const mark of [1, 2, 3, 4]) push(mark)
    await settleTurn()
    push(5)
    pending[0]?.resolve([ok, ok])
    await settleTurn()
    expect(told).toEqual(['ok 1', 'committed', 'ok 2', 'committed', '? 3', '? 4', '? 5'])
    expect(pending.length).toBe(1)
    push(6)
    await settleTurn()
    expect(pending.map(({ batch }) => batch)).toEqual([[1, 2, 3, 4].map(command), [command(6)]])
  })

  test('a sender hears after 8 s that the outcome is not known, and others still of the commit', async () => {
    const { scheduler, pending, push, settleTurn, told } = setup()
    push(1)
    await settleTurn()
    await scheduler.advance(unresolvedAfterMs + 2_000)
    expect(told).toEqual(['? 1'])
    pending[0]?.resolve([ok])
    await settleTurn()
    expect(told).toEqual(['? 1', 'committed'])
  })

  test('a full queue says at once that it does not know', () => {
    const { queue, push, told } = setup()
    for (let i = 0; i < maxQueued; i += 1) push(i)
    push(-1)
    expect(told).toEqual(['? -1'])
    expect(queue.depth).toBe(maxQueued)
  })

  test('closing waits for what is under way', async () => {
    const { queue, pending, push, settleTurn } = setup()
    push(1)
    await settleTurn()
    let isClosed = false
    const closing = queue.close().then(() => (isClosed = true))
    await settleTurn()
    expect(isClosed).toBe(false)
    pending[0]?.resolve([ok])
    await settleTurn()
    await closing
    expect(isClosed).toBe(true)
  })
})
