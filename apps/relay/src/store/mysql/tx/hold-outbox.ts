import type { AttachmentRow } from '../../tx.ts'
import type { Work } from './work.ts'

/** Puts a hold or a release into the outbox. */
export type PutHold = (attachment: AttachmentRow, holder: string, held: boolean) => void

/** The outbox of holds in MariaDB. */
export function mysqlHoldOutbox(work: Work): PutHold {
  const sql = 'insert into hold_outbox (service, attachment_id, holder, held) values (?, ?, ?, ?)'
  return ({ service, attachmentId }, holder, held) =>
    void work.run(sql, [service, attachmentId, holder, held ? 1 : 0])
}
