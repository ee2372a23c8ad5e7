import { describe, expect, test } from 'vitest'
import { AppError, errorKinds, httpStatus, isAppError, toAppError } from './index.ts'

describe('AppError', () => {
  test('carries its kind, reason, words and cause', () => {
    const cause = new Error('disk')
    const error = new AppError('unavailable', 'STORE_AWAY', 'the store is away', {
      cause,
      retryAfterMs: 250,
    })
    expect(error).toMatchObject({ kind: 'unavailable', reason: 'STORE_AWAY', retryAfterMs: 250 })
    expect(error.cause).toBe(cause)
    expect(error.name).toBe('AppError')
    expect(error).toBeInstanceOf(Error)
  })

  test('shows only kind, reason and delay as own enumerable fields, so logs stay short', () => {
    const error = new AppError('invalid', 'NAME_TAKEN', 'taken')
    expect(Object.keys(error)).toEqual(['kind', 'reason'])
  })

  test.each(['', 'name_taken', 'NAME TAKEN', '9NAME'])(
    'refuses the unstable reason %j',
    (reason) => {
      expect(() => new AppError('invalid', reason, 'x')).toThrow(TypeError)
    },
  )
})

describe('toAppError', () => {
  test('returns an AppError unchanged', () => {
    const error = new AppError('conflict', 'NAME_TAKEN', 'taken')
    expect(toAppError(error)).toBe(error)
  })

  test.each([new Error('secret path'), 'secret', undefined, null, 7])(
    'hides the text of an unknown failure but keeps it as cause',
    (thrown) => {
      const error = toAppError(thrown)
      expect(error).toMatchObject({ kind: 'internal', reason: 'INTERNAL' })
      expect(error.message).toBe('internal error')
      expect(error.cause).toBe(thrown)
    },
  )

  test('a look-alike is not an AppError', () => {
    expect(isAppError({ kind: 'invalid', reason: 'X', message: 'x' })).toBe(false)
    expect(isAppError(null)).toBe(false)
  })
})

test('every kind has an HTTP error status', () => {
  const statuses = Object.keys(errorKinds).map((kind) => httpStatus(kind as 'invalid'))
  expect(statuses.every((status) => status >= 400 && status < 600)).toBe(true)
  expect(httpStatus('not-found')).toBe(404)
})
