import type { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import type { Session } from '../../session/session.ts'

/** The most sessions that one answer holds. */
const most = 1_000

/** The sessions of this relay, the newest first. */
export async function listSessions(ctx: Context): Promise<chat.ListSessionsResponse> {
  const sessions = [...ctx.hub.sessions].slice(-most).toReversed()
  return { sessions: sessions.map(row) }
}

function row(session: Session): chat.SessionRow {
  const { userId, userName, deviceId } = session.identity
  return {
    sessionId: Buffer.from(session.id),
    userId: Buffer.from(userId),
    userName,
    deviceId: Buffer.from(deviceId),
    clientName: session.clientName,
    connectedAtMs: session.connectedAtMs,
    transient: session.isTransient,
    queuedBytes: session.queuedBytes,
  }
}
