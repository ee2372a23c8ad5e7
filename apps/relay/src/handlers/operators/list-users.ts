import type { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import { maxNameChars, nameKey as keyOf } from '../../domain/names.ts'

const pageSize = 500

/** All users, or those whose names begin so, in the order of their names. */
export async function listUsers(
  ctx: Context,
  { query, pageToken }: chat.ListUsersRequest,
): Promise<chat.ListUsersResponse> {
  const nameKey = keyOf(query.slice(0, maxNameChars * 4))
  const page = { nameKey, afterKey: keyOf(pageToken), limit: pageSize }
  const lines = await ctx.journal.ask('usersPage', page)
  return {
    users: lines.map(({ publicId, name, createdAtMs, disabled }) => ({
      userId: Buffer.from(publicId),
      name,
      createdAtMs,
      disabled: disabled !== 0,
    })),
    nextPageToken: lines.length < pageSize ? '' : (lines.at(-1)?.nameKey ?? ''),
  }
}
