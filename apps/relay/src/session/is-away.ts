import { isAppError } from '@parley/errors'

/** True for an error that passes by itself: the store is away, or has too much to do. */
export function isAway(error: unknown): boolean {
  return isAppError(error) && (error.kind === 'unavailable' || error.kind === 'exhausted')
}
