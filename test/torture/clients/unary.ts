import { httpStatus, isAppError } from '@parley/errors'

/** The least HTTP status that says nothing of whether it was done. */
const firstUnknown = 499

/** Whether a failed call may have done its work all the same. */
export function isUnknown(error: unknown): boolean {
  if (!isAppError(error)) return true
  return error.kind === 'rate-limited' || httpStatus(error.kind) >= firstUnknown
}

/** A refusal as whoever asks sees it. */
export function refusalOf(error: unknown): string {
  return isAppError(error) ? `${error.kind} ${error.reason} ${error.message}` : String(error)
}
