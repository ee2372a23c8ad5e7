import { objectionToPassword, passwordReasons } from '../../domain/passwords.ts'
import type { Context } from '../../context.ts'
import { invalid } from '../checks.ts'

/** The hash of a password that this user may have; throws `AppError` invalid PASSWORD_. */
export function newPassword(ctx: Context, password: string, name: string): Promise<string> {
  const objection = objectionToPassword(password, name)
  if (objection !== undefined) throw invalid(objection, passwordReasons[objection])
  return ctx.security.passwords.hash(password)
}
