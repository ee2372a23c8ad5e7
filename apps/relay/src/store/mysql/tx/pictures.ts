import { uuidText } from '@parley/service-kit'
import type { PictureKind, PictureRow, PictureRows } from '../../picture-rows.ts'
import { mysqlHoldOutbox } from './hold-outbox.ts'
import type { Work } from './work.ts'

const imageServer = 2

/** Pictures of users and groups in MariaDB: they change only while their owner is held. */
export function mysqlPictures(work: Work): PictureRows {
  const of = (kind: PictureKind, owner: number) =>
    work.one<PictureRow>(
      `select image_id as imageId, digest, width, height, thumbhash from pictures
       where kind = ? and owner = ?`,
      [kind, owner],
    )
  const putHold = mysqlHoldOutbox(work)
  return {
    of,
    set(kind, { id, publicId }, picture) {
      const before = of(kind, id)
      if (before?.imageId === picture?.imageId) return false
      const holder = `${uuidText(publicId)}/picture`
      if (before !== undefined) {
        work.run('delete from pictures where kind = ? and owner = ?', [kind, id])
        putHold({ service: imageServer, attachmentId: before.imageId }, holder, false)
      }
      if (picture === undefined) return true
      const { imageId, digest, width, height, thumbhash } = picture
      work.run(
        `insert into pictures (kind, owner, image_id, digest, width, height, thumbhash)
         values (?, ?, ?, ?, ?, ?, ?)`,
        [kind, id, imageId, digest, width, height, thumbhash],
      )
      putHold({ service: imageServer, attachmentId: imageId }, holder, true)
      return true
    },
  }
}
