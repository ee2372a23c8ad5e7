import { AppError } from '@parley/errors'
import { expect, test } from 'vitest'
import { withAdvice } from './upload-advice.ts'

test('a limit is told with what helps against it, under the same reason', () => {
  const busy = new AppError('unavailable', 'BUSY', 'as many as it takes', { retryAfterMs: 2_000 })
  expect(withAdvice(busy)).toMatchObject({
    kind: 'unavailable',
    reason: 'BUSY',
    message: 'as many as it takes; try again in a minute',
    retryAfterMs: 2_000,
  })
})

test.each([
  new AppError('invalid', 'NO_SUCH_FILE', 'not there'),
  new AppError('internal', 'CONSTRUCTOR', 'a word that every object knows'),
  new Error('something else'),
])('%s is told as it is', (error) => {
  expect(withAdvice(error)).toBe(error)
})
