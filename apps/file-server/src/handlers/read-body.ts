import { AppError } from '@parley/errors'
import type { z } from 'zod'

/** What a JSON body says; throws `AppError` (invalid, REQUEST_MALFORMED) naming what does not fit. */
export function readBody<T extends z.ZodType>(shape: T, body: unknown): z.output<T> {
  const read = shape.safeParse(body)
  if (read.success) return read.data
  const fields = [...new Set(read.error.issues.map(({ path }) => path[0]))].filter(isName)
  const what = fields.length > 0 ? fields.join(', ') : 'the body'
  throw new AppError('invalid', 'REQUEST_MALFORMED', `${what} must be as documented`)
}

function isName(part: PropertyKey | undefined): part is string {
  return typeof part === 'string'
}
