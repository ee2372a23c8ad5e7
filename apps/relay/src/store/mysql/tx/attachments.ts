import { uuidText } from '@parley/service-kit'
import type { AttachmentRow, AttachmentRows, CarriedRow, ConversationRow } from '../../tx.ts'
import { isIn } from '../batch/rows.ts'
import { placesFor } from '../bridge/sql-text.ts'
import { mysqlHoldOutbox, putHoldSql } from './hold-outbox.ts'
import type { Work } from './work.ts'

/** Attachments and their holds in MariaDB. */
export function mysqlAttachments(work: Work): AttachmentRows {
  const of = (conversation: number, seq: number) =>
    work.one<AttachmentRow>(
      `select service, attachment_id as attachmentId from attachments
       where conversation = ? and seq = ?`,
      [conversation, seq],
    )
  const putHold = mysqlHoldOutbox(work)
  return {
    of,
    hold(conversation, seq, attachment) {
      work.run(
        `insert into attachments (conversation, seq, service, attachment_id)
         values (?, ?, ?, ?)`,
        [conversation.id, seq, attachment.service, attachment.attachmentId],
      )
      putHold(attachment, holder(conversation, seq), true)
    },
    carriedIn: (conversation, limit) =>
      work.all<CarriedRow>(
        `select seq, service, attachment_id as attachmentId from attachments
         where conversation = ? order by seq limit ?`,
        [conversation, limit],
      ),
    releaseAll: (conversation, carried) => releaseAll(work, conversation, carried),
    release(conversation, seq) {
      const held = of(conversation.id, seq)
      if (held === undefined) return
      work.run('delete from attachments where conversation = ? and seq = ?', [conversation.id, seq])
      putHold(held, holder(conversation, seq), false)
    },
    settled(outboxIds) {
      const { sql, params } = isIn('id', outboxIds)
      work.run(`delete from hold_outbox where ${sql}`, params)
    },
  }
}

// In one hop however many they are: everybody's messages wait for this batch.
function releaseAll(
  work: Work,
  conversation: ConversationRow,
  carried: readonly CarriedRow[],
): void {
  if (carried.length === 0) return
  const params = carried.flatMap(({ service, attachmentId, seq }) => [
    service,
    attachmentId,
    holder(conversation, seq),
    0,
  ])
  const values = carried.map(() => placesFor(4)).join(', ')
  work.later({ sql: `${putHoldSql} values ${values}`, params })
  const those = isIn(
    'seq',
    carried.map(({ seq }) => seq),
  )
  work.flush({
    sql: `delete from attachments where conversation = ? and ${those.sql}`,
    params: [conversation.id, ...those.params],
  })
}

/** The name under which an entry holds a blob on another service. */
function holder(conversation: ConversationRow, seq: number): string {
  return `${uuidText(conversation.publicId)}/${seq}`
}
