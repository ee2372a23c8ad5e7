import { pictureHolder, pictureOnly } from '../../picture-rows.ts'
import type { PictureKind, PictureRows, StoredPictureRow } from '../../picture-rows.ts'
import type { Sqlite } from '../open-database.ts'
import { sqliteHoldOutbox } from './hold-outbox.ts'

const imageServer = 2

/** What writing pictures needs. */
export interface PictureSources {
  /** 16 fresh bytes. */
  readonly newId: () => Uint8Array
  /** Others read another profile of the user. */
  readonly changed: (user: number) => void
}

/** Pictures of users and groups in SQLite. */
export function sqlitePictures(db: Sqlite, { newId, changed }: PictureSources): PictureRows {
  const of = db.prepare<[PictureKind, number], StoredPictureRow>(
    `select image_id as imageId, digest, width, height, thumbhash, setting from pictures
     where kind = ? and owner = ?`,
  )
  const remove = db.prepare('delete from pictures where kind = ? and owner = ?')
  const insert = db.prepare(
    `insert into pictures (kind, owner, image_id, digest, width, height, thumbhash, setting)
     values (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const putHold = sqliteHoldOutbox(db)
  return {
    of: (kind, owner) => pictureOnly(of.get(kind, owner)),
    set(kind, { id, publicId }, picture) {
      const before = of.get(kind, id)
      if (before?.imageId === picture?.imageId) return false
      if (before !== undefined) {
        remove.run(kind, id)
        const attachment = { service: imageServer, attachmentId: before.imageId } as const
        putHold(attachment, pictureHolder(publicId, before.setting), false)
      }
      if (kind === 1) changed(id)
      if (picture === undefined) return true
      const { imageId, digest, width, height, thumbhash } = picture
      const setting = newId()
      insert.run(kind, id, imageId, digest, width, height, thumbhash, setting)
      const attachment = { service: imageServer, attachmentId: imageId } as const
      putHold(attachment, pictureHolder(publicId, setting), true)
      return true
    },
  }
}
