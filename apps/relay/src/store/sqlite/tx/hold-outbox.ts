import type { AttachmentRow } from '../../tx.ts'
import type { Sqlite } from '../open-database.ts'

/** Puts a hold or a release into the outbox. */
export type PutHold = (attachment: AttachmentRow, holder: string, held: boolean) => void

/** The outbox of holds in SQLite. */
export function sqliteHoldOutbox(db: Sqlite): PutHold {
  const insert = db.prepare(
    'insert into hold_outbox (service, attachment_id, holder, held) values (?, ?, ?, ?)',
  )
  return ({ service, attachmentId }, holder, held) =>
    void insert.run(service, attachmentId, holder, held ? 1 : 0)
}
