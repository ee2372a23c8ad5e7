import { AppError } from '@parley/errors'
import type { ErrorKind } from '@parley/errors'
import type { Refusal } from '../commands/script.ts'

/** Of what kind a refusal is, where it is not simply something that cannot be done now. */
const kinds: Readonly<Record<string, ErrorKind>> = {
  USER_UNKNOWN: 'not-found',
  GROUP_UNKNOWN: 'not-found',
  DEVICE_UNKNOWN: 'not-found',
  NO_INVITATION: 'not-found',
  NO_REQUEST: 'not-found',
  NOT_A_MEMBER: 'not-found',
  NOT_A_CONTACT: 'not-found',
  NAME_TAKEN: 'conflict',
  ID_CONFLICT: 'conflict',
  VERSION_PUBLISHED: 'conflict',
  PUBLISHED_LATER: 'conflict',
  SELF: 'invalid',
  BLOCKED: 'forbidden',
  ADMINS_ONLY: 'forbidden',
  OWNER_ONLY: 'forbidden',
  INVITATION_CODE_INVALID: 'forbidden',
  CREDENTIALS_INVALID: 'unauthenticated',
  LOGIN_ENDED: 'unauthenticated',
  DISABLED: 'unauthenticated',
  CONTACTS_FULL: 'exhausted',
  THEIR_CONTACTS_FULL: 'exhausted',
  BLOCKED_FULL: 'exhausted',
  GROUPS_FULL: 'exhausted',
  GROUP_FULL: 'exhausted',
  UPGRADES_FULL: 'exhausted',
  INTERNAL: 'internal',
}

/** A refused command as the failure of its call. */
export function refusalError({ reason, message }: Refusal): AppError {
  return new AppError(kinds[reason] ?? 'precondition', reason, message)
}
