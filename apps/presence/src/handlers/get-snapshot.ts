import { presenceShards } from '@parley/bus'
import { AppError } from '@parley/errors'
import type { presence as wire } from '@parley/proto'
import type { PresenceContext } from '../context.ts'
import type { PageRequest } from '../domain/users.ts'
import { idKey } from '../ids.ts'
import { presenceLimits } from '../limits.ts'
import { isSettled, userState } from '../user-state.ts'

/** A page of the users who are not offline. */
export function getSnapshot(
  ctx: PresenceContext,
  request: wire.GetSnapshotRequest,
): wire.GetSnapshotResponse {
  const page = ctx.users.page(parsePage(request))
  return {
    instanceId: ctx.instanceId,
    revision: ctx.revisions.current,
    asOfMs: ctx.scheduler.now(),
    users: page.users.map(userState),
    more: page.more,
    settled: isSettled(ctx),
  }
}

const allShards: ReadonlySet<number> = new Set(Array.from({ length: presenceShards }, (_, i) => i))

function parsePage(request: wire.GetSnapshotRequest): PageRequest {
  const { afterUserId, limit, shards } = request
  const most = presenceLimits.usersPerAnswer
  if (limit < 0 || limit > most) {
    throw new AppError('invalid', 'LIMIT_INVALID', `a page has 1 to ${most} users`)
  }
  if (shards.length > presenceShards || shards.some((shard) => !allShards.has(shard))) {
    throw new AppError('invalid', 'SHARD_INVALID', `a shard is 0 to ${presenceShards - 1}`)
  }
  return {
    after: afterUserId.length === 0 ? '' : idKey(afterUserId),
    limit: limit === 0 ? most : limit,
    shards: shards.length === 0 ? allShards : new Set(shards),
  }
}
