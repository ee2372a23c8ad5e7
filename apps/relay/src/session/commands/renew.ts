import type { chat } from '@parley/proto'
import { bytesEqual } from '../../domain/bytes.ts'
import type { Stream } from '../stream.ts'
import type { Session } from '../session.ts'

/** Keeps a stream beyond the expiry of its token, by a newer token of the same login. */
export async function renew(
  stream: Stream,
  session: Session,
  { accessToken }: chat.Renew,
): Promise<void> {
  const identity = await stream.engine.tokens.authenticate(accessToken)
  if (!bytesEqual(identity.login, session.identity.login)) {
    stream.refuse({ reason: 'TOKEN_INVALID', message: 'the token is of another login' })
    return
  }
  session.expiresAtMs = Math.max(session.expiresAtMs, identity.expiresAtMs)
}
