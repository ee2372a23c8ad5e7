import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { PictureRow } from '../picture-rows.ts'
import type { Tables } from '../tables.ts'
import { pictureOf, pictureSql } from './pictures.ts'
import type { PictureColumns } from './pictures.ts'
import { limits } from '../../domain/limits.ts'

/** A group as a member or somebody who is invited sees it. */
export interface GroupLine {
  readonly publicId: Uint8Array
  readonly conversation: number
  readonly title: string
  readonly open: number
  readonly dissolved: number
  readonly members: number
  /** Null for somebody who is only invited. */
  readonly role: number | null
  /** Who has invited the user, or null. */
  readonly invitedBy: string | null
  readonly picture: PictureRow | undefined
}

type GroupRow = Omit<GroupLine, 'picture'> & PictureColumns

export interface MemberLine {
  readonly publicId: Uint8Array
  readonly name: string
  readonly role: number
  readonly joinedAtMs: number
}

const seenBy = (user: number) => sql<GroupRow>`
  select c.public_id as publicId, c.id as conversation, c.title as title, c.open as open,
    c.dissolved as dissolved, (select count(*) from members n
      where n.conversation = c.id and n.left_seq is null) as members,
    m.role as role, u.name as invitedBy, ${pictureSql}
  from (select conversation from members where user = ${user} and left_seq is null
    union select conversation from invitations where user = ${user}) mine
  join conversations c on c.id = mine.conversation
  left join members m on m.conversation = c.id and m.user = ${user} and m.left_seq is null
  left join invitations i on i.conversation = c.id and i.user = ${user}
  left join users u on u.id = i.invited_by
  left join pictures p on p.kind = 2 and p.owner = c.id
  where c.kind = 2`

/** The groups a user is in or invited to, the newest first. */
export async function groupsOf(
  db: Kysely<Tables>,
  { user }: { readonly user: number },
): Promise<GroupLine[]> {
  const most = limits.groups + limits.invitationsOfUser
  const found = await sql<GroupRow>`${seenBy(user)} order by c.id desc limit ${most}`.execute(db)
  return found.rows.map(groupLine)
}

/** One group that a user is in or invited to, with its members for a member. */
export async function groupOf(
  db: Kysely<Tables>,
  { user, conversationId }: { readonly user: number; readonly conversationId: Uint8Array },
): Promise<{ group: GroupLine; members: MemberLine[] } | undefined> {
  const found = await sql<GroupRow>`${seenBy(user)} and c.public_id = ${conversationId}`.execute(db)
  const [row] = found.rows
  if (row === undefined) return undefined
  const group = groupLine(row)
  return { group, members: group.role === null ? [] : await membersOf(db, group.conversation) }
}

function groupLine(row: GroupRow): GroupLine {
  return { ...row, picture: pictureOf(row) }
}

function membersOf(db: Kysely<Tables>, conversation: number): Promise<MemberLine[]> {
  return db
    .selectFrom('members as m')
    .innerJoin('users as u', 'u.id', 'm.user')
    .select(['u.public_id as publicId', 'u.name', 'm.role', 'm.joined_at_ms as joinedAtMs'])
    .where('m.conversation', '=', conversation)
    .where('m.left_seq', 'is', null)
    .orderBy('m.joined_seq')
    .orderBy('m.user')
    .limit(limits.members)
    .execute()
}
