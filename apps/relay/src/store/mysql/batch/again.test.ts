import { expect, test } from 'vitest'
import type { Command, Outcome } from '../../journal.ts'
import { noEffects } from '../../journal.ts'
import { MysqlError, duplicateKey } from '../bridge/mysql-error.ts'
import { writerLimits } from '../writer-limits.ts'
import { batchTries, commandTries, runAgain } from './again.ts'

const command = (mark: number): Command => ({ name: 'ackCursors', input: { marks: [mark] } })
const stored: Outcome = { ok: true, answer: null, duplicate: false, effects: noEffects }
const deadlock = () => new MysqlError('again', 'ER_LOCK_DEADLOCK', 1213, 'deadlock')

/** A store where `fails` decides what becomes of a batch; time passes by its pauses and by `takesMs`. */
function setup(fails: (batch: readonly Command[], run: number) => Error | undefined, takesMs = 0) {
  const sizes: number[] = []
  const pauses: number[] = []
  const failed: string[] = []
  let nowMs = 0
  const run = (batch: readonly Command[]): Outcome[] => {
    sizes.push(batch.length)
    nowMs += takesMs
    const error = fails(batch, sizes.length)
    if (error !== undefined) throw error
    return batch.map(() => stored)
  }
  const runBatch = runAgain(run, {
    monotonic: () => nowMs,
    random: () => 0.5,
    pause: (ms) => void pauses.push(ms),
    failed: (name) => void failed.push(name),
    againForMs: writerLimits.againForMs,
  })
  return { runBatch, sizes, pauses, failed }
}

test('a batch that was in the way of others runs again, then in halves, and keeps its order', () => {
  const { runBatch, sizes, pauses } = setup((batch) => (batch.length > 2 ? deadlock() : undefined))
  const { outcomes, lost } = runBatch([1, 2, 3, 4, 5].map(command))
  expect(outcomes.length).toBe(5)
  expect(lost).toBeUndefined()
  // 5 as often as a whole batch is tried, then 3 the same, then its halves, then 2.
  expect(sizes).toEqual([
    ...Array<number>(batchTries).fill(5),
    ...Array<number>(batchTries).fill(3),
    2,
    1,
    2,
  ])
  expect(pauses.every((ms) => ms > 0)).toBe(true)
})

test('a single command is tried five times', () => {
  const { runBatch, sizes } = setup(() => deadlock())
  expect(() => runBatch([command(1)])).toThrow('deadlock')
  expect(sizes.length).toBe(commandTries)
  expect(commandTries).toBe(5)
})

test('a command whose key is always there already is a bug, told once, and harms no other', () => {
  const taken = new MysqlError('again', 'ER_DUP_ENTRY', duplicateKey, 'duplicate')
  const isBad = (each: Command) => each.name === 'ackCursors' && each.input.marks[0] === 2
  const { runBatch, failed } = setup((batch) => (batch.some(isBad) ? taken : undefined))
  const { outcomes } = runBatch([1, 2, 3].map(command))
  expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, false, true])
  expect(failed).toEqual(['ackCursors'])
})

test('what parts have stored is told when another part is lost, and nothing behind that one runs', () => {
  const holds = (batch: readonly Command[], mark: number) =>
    batch.some((each) => each.name === 'ackCursors' && each.input.marks[0] === mark)
  const unknown = new MysqlError('unknown', 'TIMED_OUT', 0, 'unknown')
  const { runBatch, sizes } = setup((batch) => {
    if (batch.length > 2) return deadlock()
    return holds(batch, 4) ? unknown : undefined
  })
  const { outcomes, lost } = runBatch([1, 2, 3, 4, 5, 6, 7, 8].map(command))
  // 1 and 2, then 3 and 4, which is lost as a whole; the other half never runs.
  expect(sizes).toEqual([8, 8, 4, 4, 2, 2])
  expect(outcomes).toEqual([stored, stored])
  expect(lost).toBe(unknown)
})

test('nothing is run again after 5 s, nor what is unknown or cannot be', () => {
  const slow = setup(() => deadlock(), writerLimits.againForMs)
  expect(() => slow.runBatch([command(1)])).toThrow('deadlock')
  expect(slow.sizes.length).toBe(1)
  for (const kind of ['unknown', 'unable', 'statement'] as const) {
    const { runBatch, sizes } = setup(() => new MysqlError(kind, 'CODE', 0, kind))
    expect(() => runBatch([command(1), command(2)])).toThrow(kind)
    expect(sizes).toEqual([2])
  }
})
