import { AppError, toAppError } from '@parley/errors'
import { expect, test } from 'vitest'
import { UsageError, failureOf } from './exit-code.ts'

test.each([
  ['a refusal', new AppError('forbidden', 'NOT_A_MEMBER', 'no'), 1, 'NOT_A_MEMBER'],
  ['a missing thing', new AppError('not-found', 'NO_SUCH_USER', 'no'), 1, 'NO_SUCH_USER'],
  [
    'a client that is too old',
    new AppError('precondition', 'CLIENT_TOO_OLD', 'old'),
    4,
    'CLIENT_TOO_OLD',
  ],
  ['wrong usage', new UsageError('what?'), 2, 'USAGE'],
  ['a server that is away', new AppError('unavailable', 'UNREACHABLE', 'away'), 3, 'UNREACHABLE'],
  ['a server that does not answer', new AppError('deadline', 'TIMED_OUT', 'late'), 3, 'TIMED_OUT'],
  ['an interruption', new DOMException('stop', 'AbortError'), 130, 'INTERRUPTED'],
  ['a cancelled call', new AppError('cancelled', 'CANCELLED', 'stop'), 130, 'CANCELLED'],
  ['something unforeseen', new Error('disk on fire'), 1, 'INTERNAL'],
])('%s', (_note, error, code, reason) => {
  expect(failureOf(error)).toMatchObject({ code, reason })
})

test('an unforeseen failure on this machine says what happened', () => {
  expect(failureOf(toAppError(new Error('disk on fire'))).message).toContain('disk on fire')
})
