import { uuidText } from '@parley/service-kit'
import type { AttachmentRow, AttachmentRows, CarriedRow, ConversationRow } from '../../tx.ts'
import type { Sqlite } from '../open-database.ts'
import { sqliteHoldOutbox } from './hold-outbox.ts'

/** Attachments and their holds in SQLite. */
export function sqliteAttachments(db: Sqlite): AttachmentRows {
  const of = db.prepare<[number, number], AttachmentRow>(
    `select service, attachment_id as attachmentId from attachments
     where conversation = ? and seq = ?`,
  )
  const carried = db.prepare<[number, number], CarriedRow>(
    `select seq, service, attachment_id as attachmentId from attachments
     where conversation = ? order by seq limit ?`,
  )
  const insert = db.prepare(
    'insert into attachments (conversation, seq, service, attachment_id) values (?, ?, ?, ?)',
  )
  const remove = db.prepare('delete from attachments where conversation = ? and seq = ?')
  const putHold = sqliteHoldOutbox(db)
  const settled = db.prepare('delete from hold_outbox where id = ?')
  const letGo = (conversation: ConversationRow, seq: number, held: AttachmentRow) => {
    remove.run(conversation.id, seq)
    putHold(held, holder(conversation, seq), false)
  }
  return {
    of: (conversation, seq) => of.get(conversation, seq),
    hold(conversation, seq, attachment) {
      insert.run(conversation.id, seq, attachment.service, attachment.attachmentId)
      putHold(attachment, holder(conversation, seq), true)
    },
    carriedIn: (conversation, limit) => carried.all(conversation, limit),
    releaseAll(conversation, rows) {
      for (const row of rows) letGo(conversation, row.seq, row)
    },
    release(conversation, seq) {
      const held = of.get(conversation.id, seq)
      if (held !== undefined) letGo(conversation, seq, held)
    },
    settled(outboxIds) {
      for (const id of outboxIds) settled.run(id)
    },
  }
}

/** The name under which an entry holds a blob on another service. */
function holder(conversation: ConversationRow, seq: number): string {
  return `${uuidText(conversation.publicId)}/${seq}`
}
