import { expect, test } from 'vitest'
import { passes } from './lost-batch.ts'

test.each([
  ['SQLITE_FULL', true],
  ['SQLITE_BUSY', true],
  // No room for the index of the log beside the database: a full disk by another name.
  ['SQLITE_IOERR_SHMSIZE', true],
  ['SQLITE_IOERR_FSYNC', false],
  ['SQLITE_IOERR_WRITE', false],
  ['SQLITE_CORRUPT', false],
  ['INTERNAL', false],
])('that a batch was lost to %s passes: %s', (code, isPassing) => {
  expect(passes(code)).toBe(isPassing)
})
