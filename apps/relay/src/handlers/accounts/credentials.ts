import type { chat } from '@parley/proto'
import type { LoginAnswer } from '../../commands/accounts/login-answer.ts'
import type { Context } from '../../context.ts'

/** What a device keeps of its login, with a fresh access token. */
export async function credentials(
  ctx: Context,
  login: LoginAnswer,
  refreshToken: string,
): Promise<chat.Credentials> {
  const { token, expiresAtMs } = await ctx.security.tokens.issue(login)
  return {
    accessToken: token,
    accessExpiresAtMs: expiresAtMs,
    refreshToken,
    userId: Buffer.from(login.userId),
    deviceId: Buffer.from(login.deviceId),
    userName: login.userName,
  }
}
