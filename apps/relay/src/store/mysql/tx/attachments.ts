import { uuidText } from '@parley/service-kit'
import type { AttachmentRow, AttachmentRows, ConversationRow } from '../../tx.ts'
import { isIn } from '../batch/rows.ts'
import { mysqlHoldOutbox } from './hold-outbox.ts'
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
    seqsOf: (conversation, limit) =>
      work
        .all<{ seq: number }>(
          'select seq from attachments where conversation = ? order by seq limit ?',
          [conversation, limit],
        )
        .map(({ seq }) => seq),
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

/** The name under which an entry holds a blob on another service. */
function holder(conversation: ConversationRow, seq: number): string {
  return `${uuidText(conversation.publicId)}/${seq}`
}
