import { pictureHolder, pictureOnly } from '../../picture-rows.ts'
import type { PictureKind, PictureRows, StoredPictureRow } from '../../picture-rows.ts'
import { mysqlHoldOutbox } from './hold-outbox.ts'
import type { Work } from './work.ts'

const imageServer = 2

/** Pictures of users and groups in MariaDB: they change only while their owner is held. */
export function mysqlPictures(work: Work): PictureRows {
  const of = (kind: PictureKind, owner: number) =>
    work.one<StoredPictureRow>(
      `select image_id as imageId, digest, width, height, thumbhash, setting from pictures
       where kind = ? and owner = ?`,
      [kind, owner],
    )
  const putHold = mysqlHoldOutbox(work)
  return {
    of: (kind, owner) => pictureOnly(of(kind, owner)),
    set(kind, { id, publicId }, picture) {
      const before = of(kind, id)
      if (before?.imageId === picture?.imageId) return false
      if (before !== undefined) {
        work.run('delete from pictures where kind = ? and owner = ?', [kind, id])
        const attachment = { service: imageServer, attachmentId: before.imageId } as const
        putHold(attachment, pictureHolder(publicId, before.setting), false)
      }
      if (kind === 1) work.effects.profiles.push(id)
      if (picture === undefined) return true
      const { imageId, digest, width, height, thumbhash } = picture
      const setting = work.newId()
      work.run(
        `insert into pictures (kind, owner, image_id, digest, width, height, thumbhash, setting)
         values (?, ?, ?, ?, ?, ?, ?, ?)`,
        [kind, id, imageId, digest, width, height, thumbhash, setting],
      )
      const attachment = { service: imageServer, attachmentId: imageId } as const
      putHold(attachment, pictureHolder(publicId, setting), true)
      return true
    },
  }
}
