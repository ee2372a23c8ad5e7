import { expect, test } from 'vitest'
import { TransferRate } from './transfer-rate.ts'

/** Moves so many bytes every 50 ms for so long; answers where it is then. */
function move(rate: TransferRate, fromMs: number, tookMs: number, bytes: number, done: number) {
  let doneBytes = done
  for (let atMs = fromMs; atMs < fromMs + tookMs; atMs += 50) {
    rate.note(atMs, doneBytes)
    doneBytes += bytes
  }
  rate.note(fromMs + tookMs, doneBytes)
  return doneBytes
}

test('a steady transfer has its rate', () => {
  const rate = new TransferRate()
  move(rate, 1_000, 3_000, 50_000, 0)
  expect(rate.perSecond(4_000)).toBeCloseTo(1_000_000, -4)
})

test('what an earlier run has done does not count', () => {
  const rate = new TransferRate()
  move(rate, 0, 1_000, 500, 900_000_000)
  expect(rate.perSecond(1_000)).toBeCloseTo(10_000, -2)
})

test('nothing is told of the first moment', () => {
  const rate = new TransferRate()
  expect(rate.perSecond(0)).toBe(0)
  rate.note(0, 0)
  rate.note(10, 5_000_000)
  expect(rate.perSecond(10)).toBe(0)
})

test('only the last seconds count', () => {
  const rate = new TransferRate()
  const doneBytes = move(rate, 0, 20_000, 500_000, 0)
  move(rate, 20_000, 6_000, 500, doneBytes)
  expect(rate.perSecond(26_000)).toBeCloseTo(10_000, -3)
})

test('a transfer that stands still slows down to nothing', () => {
  const rate = new TransferRate()
  move(rate, 0, 3_000, 50_000, 0)
  expect(rate.perSecond(5_000)).toBeLessThan(700_000)
  expect(rate.perSecond(60_000)).toBe(0)
})

test('bytes that are sent again count again', () => {
  const rate = new TransferRate()
  const doneBytes = move(rate, 0, 2_000, 50_000, 0)
  move(rate, 2_000, 2_000, 50_000, doneBytes - 1_500_000)
  expect(rate.perSecond(4_000)).toBeCloseTo(1_000_000, -4)
})

test('the memory of a long transfer is bounded', () => {
  const rate = new TransferRate()
  const doneBytes = move(rate, 0, 3_600_000, 1, 0)
  rate.note(3_600_001, doneBytes)
  expect(rate.perSecond(3_600_001)).toBeCloseTo(20, 0)
})
