import { idText } from '@parley/client'
import { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import { roleWord, timeText } from '@parley/words'
import type { Cli } from './cli.ts'
import { findGroup, getGroup } from './look-up.ts'
import type { JsonLine } from './output.ts'
import { pictureLine } from './picture-line.ts'
import { withCalls } from './session.ts'
import { table } from './terminal/table.ts'

/** Prints the groups one is in, and open invitations. */
export async function listGroups(cli: Cli): Promise<void> {
  await withCalls(cli, async ({ calls }) => {
    const { groups } = await calls.groups.list()
    cli.out.results(groups.map(groupLine), () => table(groups.map(groupRow)), 'no groups yet')
  })
}

/** Prints the members of a group. */
export async function listMembers(cli: Cli, words: string): Promise<void> {
  await withCalls(cli, async ({ calls }) => {
    const id = idText((await findGroup(calls, words)).conversationId)
    const { members } = await getGroup(calls, id)
    if (members.length === 0) throw new AppError('forbidden', 'NOT_A_MEMBER', 'you are no member')
    const lines = members.map((member) => memberLine(id, member))
    cli.out.results(lines, () => table(members.map(memberRow)), '')
  })
}

/** The JSON line of a group. */
export function groupLine(group: chat.Group): JsonLine {
  const { title, open, dissolved, memberCount, invited, invitedBy } = group
  return {
    type: 'group',
    conversationId: idText(group.conversationId),
    title,
    role: group.role > 0 ? roleWord(group.role) : null,
    open,
    dissolved,
    memberCount,
    invited,
    invitedBy: invitedBy || null,
    picture: pictureLine(group.picture),
  }
}

function groupRow(group: chat.Group): string[] {
  const part = group.invited ? `invited by @${group.invitedBy}` : roleWord(group.role)
  const marks = [group.open ? 'open' : '', group.dissolved ? 'dissolved' : ''].filter(Boolean)
  const count = `${group.memberCount} members`
  return [idText(group.conversationId), `#${group.title}`, part, count, marks.join(', ')]
}

function memberLine(conversationId: string, member: chat.Member): JsonLine {
  const { name, joinedAtMs } = member
  const userId = idText(member.userId)
  return { type: 'member', conversationId, userId, name, role: roleWord(member.role), joinedAtMs }
}

function memberRow(member: chat.Member): string[] {
  return [`@${member.name}`, roleWord(member.role), `since ${timeText(member.joinedAtMs)}`]
}
