import type { chat } from '@parley/proto'
import { profileMessage } from '../../commands/profile-message.ts'
import type { Context } from '../../context.ts'
import { maxNameChars, nameKey as keyOf } from '../../domain/names.ts'
import { invalid, limitOf } from '../checks.ts'

const han = /\p{Script=Han}/u

/** Users whose names begin with the query, in the order of their names. */
export async function findUsers(
  ctx: Context,
  request: chat.FindUsersRequest,
): Promise<chat.FindUsersResponse> {
  const limit = limitOf(request.limit, 100, 20)
  const nameKey = keyOf(request.query.slice(0, maxNameChars * 4))
  const chars = Array.from(nameKey).length
  if (chars < 1 || (chars < 2 && !han.test(nameKey))) {
    throw invalid('QUERY_TOO_SHORT', 'give two characters of a name at least')
  }
  const found = await ctx.journal.ask('findUsers', { nameKey, limit })
  return { users: found.map(profileMessage) }
}
