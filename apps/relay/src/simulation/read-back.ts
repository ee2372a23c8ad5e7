import { chat } from '@parley/proto'
import type { Arena } from './arena.ts'
import { seenEntry } from './recorder.ts'

interface ConversationRow {
  readonly id: number
  readonly public_id: Buffer
  readonly kind: number
  readonly head: number
}

const kinds = ['', 'direct', 'group', 'notices'] as const

/** Reads everything back from the disk, as whoever may see all of it, into the history. */
export function readBack({ store, recorder }: Arena): void {
  const { db } = store.disk
  const rows = db
    .prepare<[], ConversationRow>(
      `select id, public_id, kind,
         coalesce((select max(seq) from messages where conversation = c.id), 0) as head
       from conversations c order by id`,
    )
    .all()
  for (const { id, public_id: publicId, kind, head } of rows) {
    const conversation = publicId.toString('hex')
    const members = kind === 2 ? [] : membersOf(db, id)
    const name = kinds[kind] || 'group'
    recorder.say({ op: 'info', f: 'conversation', conversation, kind: name, members })
    const run = store.readLog(id, 1, head, Infinity)
    const entries = chat.Entries.decode(run.packed).entries.map(seenEntry)
    recorder.say({ op: 'ok', f: 'log', conversation, first: 1, entries })
  }
}

function membersOf(db: Arena['store']['disk']['db'], conversation: number): string[] {
  return db
    .prepare<[number], { readonly public_id: Buffer }>(
      'select u.public_id from members m join users u on u.id = m.user where m.conversation = ?',
    )
    .all(conversation)
    .map((row) => row.public_id.toString('hex'))
}
