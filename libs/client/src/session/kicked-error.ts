import { AppError } from '@parley/errors'

const kickedWords: Readonly<Record<string, string>> = {
  REVOKED: 'this login has ended, log in again',
  DISABLED: 'this account is disabled',
  TOKEN_EXPIRED: 'the token of this session has expired',
}

/** Why a server has ended a session, as an error. */
export function kickedError(reason: string): AppError {
  if (reason === 'REPLACED') {
    return new AppError('conflict', reason, 'another session of this device has taken over')
  }
  const known = /^[A-Z][A-Z0-9_]{1,63}$/.test(reason) ? reason : 'KICKED'
  const words = kickedWords[known] ?? `the server has ended this session: ${known}`
  return new AppError('unauthenticated', known, words)
}
