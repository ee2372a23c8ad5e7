import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { PictureKind, PictureRow } from '../picture-rows.ts'
import type { Tables } from '../tables.ts'

/** The columns of a picture that is joined as `p`; null where there is none. */
export const pictureColumns = [
  'p.image_id as imageId',
  'p.digest as pictureDigest',
  'p.width as pictureWidth',
  'p.height as pictureHeight',
  'p.thumbhash as thumbhash',
] as const

/** The same in words. */
export const pictureSql = sql`p.image_id as imageId, p.digest as pictureDigest,
  p.width as pictureWidth, p.height as pictureHeight, p.thumbhash as thumbhash`

/** What these columns come to. */
export interface PictureColumns {
  readonly imageId: string | null
  readonly pictureDigest: Uint8Array | null
  readonly pictureWidth: number | null
  readonly pictureHeight: number | null
  readonly thumbhash: Uint8Array | null
}

/** The picture of a row. */
export function pictureOf(row: PictureColumns): PictureRow | undefined {
  const { imageId, pictureDigest: digest, pictureWidth: width, pictureHeight: height } = row
  const { thumbhash } = row
  if (imageId === null || digest === null || thumbhash === null) return undefined
  return { imageId, digest, width: width ?? 0, height: height ?? 0, thumbhash }
}

export interface VisiblePictureArgs {
  readonly user: number
  readonly of: PictureKind
  /** Public, of a user or a group. */
  readonly ownerId: Uint8Array
}

/**
 * The picture of a user whom others may see, or of a group that the user is in or invited to;
 * undefined for none, unseen and unknown alike.
 */
export async function visiblePicture(
  db: Kysely<Tables>,
  { user, of, ownerId }: VisiblePictureArgs,
): Promise<PictureRow | undefined> {
  const owner =
    of === 1
      ? sql`users o where o.public_id = ${ownerId} and o.disabled = 0`
      : sql`conversations o where o.public_id = ${ownerId} and (exists (select 1 from members m
          where m.conversation = o.id and m.user = ${user} and m.left_seq is null)
        or exists (select 1 from invitations i
          where i.conversation = o.id and i.user = ${user}))`
  const found = await sql<PictureColumns>`select ${pictureSql} from pictures p
    where p.kind = ${of} and p.owner = (select o.id from ${owner})`.execute(db)
  const [row] = found.rows
  return row && pictureOf(row)
}
