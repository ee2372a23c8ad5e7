import { FakeScheduler } from '@parley/testkit'
import { expect, test } from 'vitest'
import { CommitQueue } from '../store/commit-queue.ts'
import type { Command, Journal, Outcome } from '../store/journal.ts'
import { noEffects } from '../store/journal.ts'
import { AckBook, lostAgainMs, maxLostMarks } from './ack-book.ts'

const ok: Outcome = { ok: true, answer: null, duplicate: false, effects: noEffects }

/** A book on a journal that may lose what it is given. */
function setup() {
  const scheduler = new FakeScheduler()
  const given: (readonly number[])[] = []
  const faults = { isAway: false }
  const journal = {
    commit(batch: readonly Command[]) {
      for (const each of batch) if (each.name === 'ackCursors') given.push(each.input.marks)
      return faults.isAway
        ? Promise.reject(new Error('away'))
        : Promise.resolve(batch.map(() => ok))
    },
  } as Journal
  const book = new AckBook(new CommitQueue(journal, scheduler, () => undefined), scheduler)
  return { scheduler, given, faults, book }
}

test('what devices have stored is written once for all of them', async () => {
  const { scheduler, given, book } = setup()
  book.note(1, 7, 3)
  book.note(1, 7, 2)
  book.note(2, 7, 5)
  await scheduler.advance(100)
  await scheduler.advance(3_000)
  expect(given).toEqual([[1, 7, 3, 2, 7, 5]])
})

test('what was lost is written again, with what came meanwhile and not before the store had time', async () => {
  const { scheduler, given, faults, book } = setup()
  faults.isAway = true
  book.note(1, 7, 3)
  book.note(2, 7, 5)
  await scheduler.advance(100)
  await scheduler.advance(0)
  expect(given.length).toBe(1)
  book.note(1, 7, 4)
  await scheduler.advance(lostAgainMs - 200)
  expect(given.length).toBe(1)
  faults.isAway = false
  await scheduler.advance(300)
  expect(given.slice(1)).toEqual([[1, 7, 4, 2, 7, 5]])
  await scheduler.advance(3_000)
  expect(given.length).toBe(2)
})

test('of more than so many lost ones the rest is forgotten', async () => {
  const { scheduler, given, faults, book } = setup()
  faults.isAway = true
  for (let device = 1; device <= maxLostMarks + 10; device += 1) book.note(device, 7, 1)
  await scheduler.advance(100)
  await scheduler.advance(lostAgainMs + 100)
  expect(given.map((marks) => marks.length / 3).slice(0, 2)).toEqual([
    maxLostMarks + 10,
    maxLostMarks,
  ])
})
