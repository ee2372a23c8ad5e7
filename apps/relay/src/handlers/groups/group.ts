import { chat } from '@parley/proto'
import { pictureMessage } from '../../commands/picture-message.ts'
import type { GroupLine, MemberLine } from '../../store/queries/groups.ts'
import { fitting } from '../page.ts'

/** A group as the caller sees it, without its members. */
export function group(line: GroupLine): chat.Group {
  return {
    conversationId: Buffer.from(line.publicId),
    title: line.title,
    open: line.open !== 0,
    dissolved: line.dissolved !== 0,
    members: [],
    memberCount: line.members,
    role: roleOf(line.role),
    invited: line.role === null,
    invitedBy: line.role === null ? (line.invitedBy ?? '') : '',
    picture: line.picture && pictureMessage(line.picture),
  }
}

/** The members of a group; where names are so long that not all fit, the longest-serving. */
export function members(lines: readonly MemberLine[]): chat.Member[] {
  const page = fitting(lines, ({ name }) => 40 + Buffer.byteLength(name))
  return page.items.map(({ publicId, name, role, joinedAtMs }) => ({
    userId: Buffer.from(publicId),
    name,
    role: roleOf(role),
    joinedAtMs,
  }))
}

function roleOf(role: number | null): chat.Role {
  // 1 to 3 in the database as on the wire.
  return (role ?? chat.Role.UNSPECIFIED) as chat.Role
}
