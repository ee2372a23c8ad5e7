import { AppError } from '@parley/errors'

/** There is no such package. */
export function unknownUpgrade(): AppError {
  return new AppError('not-found', 'UPGRADE_UNKNOWN', 'there is no such package')
}
