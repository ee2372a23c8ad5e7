import type { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import type { GroupLine } from '../../store/queries/groups.ts'
import { fitting, maxPictureBytes } from '../page.ts'
import { group } from './group.ts'

/** The groups the caller is in or invited to, the newest first. */
export async function listGroups(
  ctx: Context,
  _request: chat.GroupsListRequest,
  { user }: Identity,
): Promise<chat.GroupsListResponse> {
  const lines = await ctx.journal.ask('groupsOf', { user })
  return { groups: fitting(lines, bytesOf).items.map(group) }
}

function bytesOf({ title, invitedBy }: GroupLine): number {
  return 48 + maxPictureBytes + Buffer.byteLength(title + (invitedBy ?? ''))
}
