import type { AttachmentRow } from '../../tx.ts'
import type { Work } from './work.ts'

/** Puts a hold or a release into the outbox. */
export type PutHold = (attachment: AttachmentRow, holder: string, held: boolean) => void

/** What a row of the outbox is put in with. */
export const putHoldSql = 'insert into hold_outbox (service, attachment_id, holder, held)'

/** The outbox of holds in MariaDB. */
export function mysqlHoldOutbox(work: Work): PutHold {
  const sql = `${putHoldSql} values (?, ?, ?, ?)`
  return ({ service, attachmentId }, holder, held) =>
    void work.run(sql, [service, attachmentId, holder, held ? 1 : 0])
}
