import { AppError } from '@parley/errors'
import { busLimits } from './limits.ts'

// Literal subjects only: a wildcard or a blank inside one would change what the broker routes.
const subjectShape = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/

/** Refuses what is not a literal subject: `AppError` (invalid, SUBJECT_INVALID). */
export function checkSubject(subject: string): void {
  if (subject.length <= busLimits.subjectChars && subjectShape.test(subject)) return
  throw new AppError('invalid', 'SUBJECT_INVALID', 'a subject is words of A-Z a-z 0-9 _ - and dots')
}

/** Refuses an oversized message: `AppError` (too-large, PAYLOAD_TOO_LARGE). */
export function checkPayload(payload: Uint8Array): void {
  if (payload.length <= busLimits.payloadBytes) return
  const message = `a message on the bus has at most ${busLimits.payloadBytes} bytes`
  throw new AppError('too-large', 'PAYLOAD_TOO_LARGE', message)
}

/** Refuses a subscription beyond the bound: `AppError` (exhausted, TOO_MANY_SUBSCRIPTIONS). */
export function checkRoom(subscriptions: number): void {
  if (subscriptions < busLimits.subscriptions) return
  const message = `a bus has at most ${busLimits.subscriptions} subscriptions`
  throw new AppError('exhausted', 'TOO_MANY_SUBSCRIPTIONS', message)
}

/** The failure of a call on a bus that was closed. */
export function busClosed(): AppError {
  return new AppError('unavailable', 'BUS_CLOSED', 'the bus is closed')
}

/** The failure of a flush while the server is not there. */
export function busAway(): AppError {
  return new AppError('unavailable', 'BUS_AWAY', 'the message bus cannot be reached')
}
