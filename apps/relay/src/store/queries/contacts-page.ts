import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { PictureRow } from '../picture-rows.ts'
import type { Tables } from '../tables.ts'
import { pictureColumns, pictureOf } from './pictures.ts'

export interface ContactsPageArgs {
  readonly user: number
  /** Only users with greater ids; empty for the first page. */
  readonly afterUserId: Uint8Array
  readonly limit: number
}

/** Somebody whom the user knows, has asked, was asked by or has blocked. */
export interface ContactLine {
  readonly publicId: Uint8Array
  readonly name: string
  readonly nickname: string
  readonly state: number
  readonly remark: string
  readonly team: string
  readonly blocked: number
  readonly requestText: string
  readonly changedAtMs: number
  readonly picture: PictureRow | undefined
}

/** A user's contacts, open requests and blocks, in the order of user ids. */
export async function contactsPage(
  db: Kysely<Tables>,
  { user, afterUserId, limit }: ContactsPageArgs,
): Promise<ContactLine[]> {
  const found = await db
    .selectFrom('friendships as f')
    .innerJoin('users as u', 'u.id', 'f.other')
    .leftJoin('pictures as p', (join) => join.onRef('p.owner', '=', 'u.id').on('p.kind', '=', 1))
    .select(pictureColumns)
    .select(['u.public_id as publicId', 'u.name', 'u.nickname', 'f.state', 'f.remark', 'f.team'])
    .select(['f.blocked', 'f.request_text as requestText', 'f.changed_at_ms as changedAtMs'])
    .where('f.user', '=', user)
    .where(sql<boolean>`(f.state != 1 or f.blocked != 0)`)
    .where('u.public_id', '>', afterUserId)
    .orderBy('u.public_id')
    .limit(limit)
    .execute()
  return found.map((row) => ({ ...row, picture: pictureOf(row) }))
}
