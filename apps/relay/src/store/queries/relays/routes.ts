import type { Kysely } from 'kysely'
import type { Tables } from '../../tables.ts'

export interface RoutesArgs {
  readonly conversations: readonly number[]
  readonly users: readonly number[]
}

/** Whom a conversation concerns: a group by its own id, every other kind by its one or two users. */
export interface ConversationRoute {
  readonly conversation: number
  /** Of a group; null for every other kind. */
  readonly groupId: Uint8Array | null
  readonly userIds: readonly Uint8Array[]
}

export interface UserRoute {
  readonly user: number
  readonly userId: Uint8Array
}

/** What relays must know to tell each other of these; nothing of it ever changes. Ask for 1,000 at most. */
export async function routes(
  db: Kysely<Tables>,
  { conversations, users }: RoutesArgs,
): Promise<{ conversations: ConversationRoute[]; users: UserRoute[] }> {
  return {
    conversations: conversations.length === 0 ? [] : await conversationRoutes(db, conversations),
    users: users.length === 0 ? [] : await userRoutes(db, users),
  }
}

async function conversationRoutes(
  db: Kysely<Tables>,
  conversations: readonly number[],
): Promise<ConversationRoute[]> {
  const rows = await db
    .selectFrom('conversations')
    .select(['id as conversation', 'kind', 'public_id as publicId'])
    .where('id', 'in', [...conversations])
    .execute()
  const members = await db
    .selectFrom('members as m')
    .innerJoin('conversations as c', 'c.id', 'm.conversation')
    .innerJoin('users as u', 'u.id', 'm.user')
    .select(['m.conversation', 'u.public_id as userId'])
    .where('m.conversation', 'in', [...conversations])
    .where('c.kind', '!=', 2)
    .execute()
  const userIds = Map.groupBy(members, (member) => member.conversation)
  return rows.map(({ conversation, kind, publicId }) => ({
    conversation,
    groupId: kind === 2 ? publicId : null,
    userIds: (userIds.get(conversation) ?? []).map((member) => member.userId),
  }))
}

async function userRoutes(db: Kysely<Tables>, users: readonly number[]): Promise<UserRoute[]> {
  return db
    .selectFrom('users')
    .select(['id as user', 'public_id as userId'])
    .where('id', 'in', [...users])
    .execute()
}
