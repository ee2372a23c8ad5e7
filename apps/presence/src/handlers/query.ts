import { AppError } from '@parley/errors'
import type { presence as wire } from '@parley/proto'
import type { PresenceContext } from '../context.ts'
import { idKey } from '../ids.ts'
import { presenceLimits } from '../limits.ts'
import { isSettled, userState } from '../user-state.ts'

/** The states of the users asked for. */
export function query(ctx: PresenceContext, request: wire.QueryRequest): wire.QueryResponse {
  const ids = parseIds(request)
  return {
    instanceId: ctx.instanceId,
    revision: ctx.revisions.current,
    asOfMs: ctx.scheduler.now(),
    users: ids.map((id) => userState(ctx.users.shown(id))),
    settled: isSettled(ctx),
  }
}

function parseIds(request: wire.QueryRequest): string[] {
  const most = presenceLimits.usersPerAnswer
  if (request.userIds.length > most) {
    throw new AppError('too-large', 'QUERY_TOO_LARGE', `a query has at most ${most} users`)
  }
  return request.userIds.map(idKey)
}
