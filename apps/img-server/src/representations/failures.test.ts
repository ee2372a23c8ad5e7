import { AppError } from '@parley/errors'
import { expect, test } from 'vitest'
import { Failures } from './failures.ts'

const broken = new AppError('corrupt', 'IMAGE_BROKEN', 'no')

function setup() {
  let nowMs = 5
  const limits = { maxFailures: 2, failureLifeMs: 100 }
  const failures = new Failures(limits, { monotonic: () => nowMs })
  return { failures, pass: (ms: number) => (nowMs += ms) }
}

test('a failure is remembered for a while', () => {
  const { failures, pass } = setup()
  failures.add('a', broken)
  pass(99)
  expect(failures.find('a')).toBe(broken)
  pass(1)
  expect(failures.find('a')).toBeUndefined()
})

test('beyond its count the oldest failure is forgotten', () => {
  const { failures } = setup()
  for (const key of ['a', 'b', 'a', 'c']) failures.add(key, broken)
  expect(['a', 'b', 'c'].map((key) => failures.find(key) !== undefined)).toEqual([
    true,
    false,
    true,
  ])
})

test('what is no fault of the image may be tried at once', () => {
  const { failures } = setup()
  for (const reason of ['IMAGE_QUEUE_FULL', 'BLOB_MISSING']) {
    failures.add(reason, new AppError('unavailable', reason, 'later'))
    expect(failures.find(reason)).toBeUndefined()
  }
})
