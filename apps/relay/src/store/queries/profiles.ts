import type { Kysely } from 'kysely'
import type { PictureRow } from '../picture-rows.ts'
import type { Tables } from '../tables.ts'
import { pictureColumns, pictureOf } from './pictures.ts'
import type { PictureColumns } from './pictures.ts'

/** What others may read of a user. */
export interface ProfileLine {
  readonly publicId: Uint8Array
  readonly name: string
  readonly nickname: string
  readonly about: string
  readonly picture: PictureRow | undefined
}

const columns = ['u.public_id as publicId', 'u.name', 'u.nickname', 'u.about'] as const

/** The user of that id or name; undefined for none and for one who is disabled. */
export async function profileOf(
  db: Kysely<Tables>,
  args: { readonly userId: Uint8Array } | { readonly nameKey: string },
): Promise<ProfileLine | undefined> {
  const rows = profiles(db)
  const one =
    'userId' in args
      ? rows.where('u.public_id', '=', args.userId)
      : rows.where('u.name_key', '=', args.nameKey)
  const found = await one.executeTakeFirst()
  return found && profileLine(found)
}

/** Users whose names begin so, in the order of their names. */
export async function findUsers(
  db: Kysely<Tables>,
  { nameKey, limit }: { readonly nameKey: string; readonly limit: number },
): Promise<ProfileLine[]> {
  const found = await profiles(db)
    .where('u.name_key', '>=', nameKey)
    .where('u.name_key', '<', `${nameKey}\u{10ffff}`)
    .orderBy('u.name_key')
    .limit(limit)
    .execute()
  return found.map(profileLine)
}

function profiles(db: Kysely<Tables>) {
  return db
    .selectFrom('users as u')
    .leftJoin('pictures as p', (join) => join.onRef('p.owner', '=', 'u.id').on('p.kind', '=', 1))
    .select(columns)
    .select(pictureColumns)
    .where('u.disabled', '=', 0)
}

function profileLine(row: Omit<ProfileLine, 'picture'> & PictureColumns): ProfileLine {
  return { ...row, picture: pictureOf(row) }
}
