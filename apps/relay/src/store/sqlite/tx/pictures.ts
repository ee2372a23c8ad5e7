import { uuidText } from '@parley/service-kit'
import type { PictureKind, PictureRow, PictureRows } from '../../picture-rows.ts'
import type { Sqlite } from '../open-database.ts'
import { sqliteHoldOutbox } from './hold-outbox.ts'

const imageServer = 2

/** Pictures of users and groups in SQLite. */
export function sqlitePictures(db: Sqlite): PictureRows {
  const of = db.prepare<[PictureKind, number], PictureRow>(
    `select image_id as imageId, digest, width, height, thumbhash from pictures
     where kind = ? and owner = ?`,
  )
  const remove = db.prepare('delete from pictures where kind = ? and owner = ?')
  const insert = db.prepare(
    `insert into pictures (kind, owner, image_id, digest, width, height, thumbhash)
     values (?, ?, ?, ?, ?, ?, ?)`,
  )
  const putHold = sqliteHoldOutbox(db)
  return {
    of: (kind, owner) => of.get(kind, owner),
    set(kind, { id, publicId }, picture) {
      const before = of.get(kind, id)
      if (before?.imageId === picture?.imageId) return false
      const holder = `${uuidText(publicId)}/picture`
      if (before !== undefined) {
        remove.run(kind, id)
        putHold({ service: imageServer, attachmentId: before.imageId }, holder, false)
      }
      if (picture === undefined) return true
      const { imageId, digest, width, height, thumbhash } = picture
      insert.run(kind, id, imageId, digest, width, height, thumbhash)
      putHold({ service: imageServer, attachmentId: imageId }, holder, true)
      return true
    },
  }
}
