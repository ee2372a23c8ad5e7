import { AppError } from '@parley/errors'
import type { LocalState, StateLock } from '../state/local-state.ts'

/** Makes this the one lasting session of a state; throws `AppError` (conflict, HOME_IN_USE) when there is one. */
export function sessionLock(options: { readonly state: LocalState }): StateLock {
  const lock = options.state.tryLock('session')
  if (lock) return lock
  const message = 'another chat or watch of this login is running; end it first'
  throw new AppError('conflict', 'HOME_IN_USE', message)
}
