import { AppError } from '@parley/errors'
import { systemScheduler } from '@parley/service-kit'
import { expect, test } from 'vitest'
import { persist } from './transfer-context.ts'

test('a transfer that is cancelled between two attempts says so as one that is cut off', async () => {
  const stop = new AbortController()
  const run = () => {
    // Heard by nobody here: it is the wait after this failure that ends.
    setImmediate(() => stop.abort())
    return Promise.reject(new AppError('unavailable', 'BROKEN_OFF', 'as told'))
  }
  const repeated = persist(systemScheduler, { run, doneBytes: () => 0, signal: stop.signal })
  await expect(repeated).rejects.toMatchObject({ kind: 'cancelled', reason: 'CANCELLED' })
})
