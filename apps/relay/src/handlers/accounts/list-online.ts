import type { chat } from '@parley/proto'
import { uuidBytes, uuidText } from '@parley/service-kit'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import type { Acquaintance } from '../../store/queries/acquaintances.ts'

const pageSize = 500
// AVAILABILITY_AWAY; what is less is offline or unknown.
const leastAvailable = 3

/** Who of those the caller may see is online now; a page can be empty and have a next one. */
export async function listOnline(
  ctx: Context,
  { pageToken }: chat.ListOnlineRequest,
  { user }: Identity,
): Promise<chat.ListOnlineResponse> {
  const afterUserId = pageToken === '' ? new Uint8Array() : uuidBytes(pageToken)
  const known = await ctx.journal.ask('acquaintances', { user, afterUserId, limit: pageSize })
  const states = await ctx.presence.statesOf(known.map((each) => each.publicId))
  const last = known.at(-1)
  const isLast = known.length < pageSize || states.asOfMs === 0
  return {
    users: states.asOfMs === 0 ? [] : online(known, states.users),
    nextPageToken: last === undefined || isLast ? '' : uuidText(last.publicId),
    asOfMs: states.asOfMs,
  }
}

function online(
  known: readonly Acquaintance[],
  states: readonly { readonly userId: Uint8Array; readonly availability: number }[],
): chat.OnlineUser[] {
  const names = new Map(known.map(({ publicId, name }) => [uuidText(publicId), name]))
  return states
    .filter((each) => each.availability >= leastAvailable)
    .map(({ userId, availability }) => ({
      userId: Buffer.from(userId),
      name: names.get(uuidText(userId)) ?? '',
      availability,
    }))
}
