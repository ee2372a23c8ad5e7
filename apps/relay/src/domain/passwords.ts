import { commonPasswords } from './common-passwords.ts'
import { nameKey } from './names.ts'

/** The least and the most characters (code points) of a password. */
export const passwordChars = { min: 8, max: 128 } as const

/** Why a password is refused, with the sentence that people see. */
export const passwordReasons = {
  PASSWORD_TOO_SHORT: `A password has at least ${passwordChars.min} characters.`,
  PASSWORD_TOO_LONG: `A password has at most ${passwordChars.max} characters.`,
  PASSWORD_MALFORMED: 'The password is not valid text.',
  PASSWORD_COMMON: 'This password is among the commonest; choose another.',
  PASSWORD_IS_NAME: 'The password must not be the name.',
} as const

export type PasswordReason = keyof typeof passwordReasons

/** The form of a password that is hashed: the same whichever way a keyboard composes it. */
export function passwordForm(password: string): string {
  return password.normalize('NFC')
}

/** Why this cannot be the password of that user, or undefined when it can. */
export function objectionToPassword(password: string, name: string): PasswordReason | undefined {
  if (password.length > passwordChars.max * 4) return 'PASSWORD_TOO_LONG'
  if (!password.isWellFormed()) return 'PASSWORD_MALFORMED'
  const chars = Array.from(passwordForm(password)).length
  if (chars < passwordChars.min) return 'PASSWORD_TOO_SHORT'
  if (chars > passwordChars.max) return 'PASSWORD_TOO_LONG'
  if (commonPasswords.has(password.toLowerCase())) return 'PASSWORD_COMMON'
  return nameKey(password) === nameKey(name) ? 'PASSWORD_IS_NAME' : undefined
}
