import { uuidText } from '@parley/service-kit'
import type { AttachmentRow, AttachmentRows, ConversationRow } from '../../tx.ts'
import { isIn } from '../batch/rows.ts'
import type { Work } from './work.ts'

/** Attachments and the outbox of holds in MariaDB. */
export function mysqlAttachments(work: Work): AttachmentRows {
  const of = (conversation: number, seq: number) =>
    work.one<AttachmentRow>(
      `select service, attachment_id as attachmentId from attachments
       where conversation = ? and seq = ?`,
      [conversation, seq],
    )
  const put = (attachment: AttachmentRow, holder: string, held: 0 | 1) => {
    const { service, attachmentId } = attachment
    work.run('insert into hold_outbox (service, attachment_id, holder, held) values (?, ?, ?, ?)', [
      service,
      attachmentId,
      holder,
      held,
    ])
  }
  return {
    of,
    hold(conversation, seq, attachment) {
      work.run(
        `insert into attachments (conversation, seq, service, attachment_id)
         values (?, ?, ?, ?)`,
        [conversation.id, seq, attachment.service, attachment.attachmentId],
      )
      put(attachment, holder(conversation, seq), 1)
    },
    release(conversation, seq) {
      const held = of(conversation.id, seq)
      if (held === undefined) return
      work.run('delete from attachments where conversation = ? and seq = ?', [conversation.id, seq])
      put(held, holder(conversation, seq), 0)
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
