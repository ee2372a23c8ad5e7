import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

export interface AttachmentOfArgs {
  readonly user: number
  readonly conversationId: Uint8Array
  readonly seq: number
}

/**
 * What an entry carries that the user may see; undefined for nothing, unseen and unknown alike. A
 * dissolved group lets go of what it carried.
 */
export async function attachmentOf(
  db: Kysely<Tables>,
  { user, conversationId, seq }: AttachmentOfArgs,
): Promise<{ service: number; attachmentId: string } | undefined> {
  const found = await sql<{ service: number; attachmentId: string }>`
    select a.service as service, a.attachment_id as attachmentId
    from conversations c
    join attachments a on a.conversation = c.id and a.seq = ${seq}
    where c.public_id = ${conversationId} and c.dissolved = 0
    and exists (select 1 from members m
      where m.conversation = c.id and m.user = ${user} and m.left_seq is null)
    and exists (select 1 from members s
      where s.conversation = c.id and s.user = ${user} and s.joined_seq <= ${seq}
      and (s.left_seq is null or s.left_seq >= ${seq}))`.execute(db)
  return found.rows[0]
}
