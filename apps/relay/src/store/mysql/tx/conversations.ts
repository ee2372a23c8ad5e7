import type { ConversationKind, ConversationRow, ConversationRows } from '../../tx.ts'
import { conversationColumns, conversationOf } from '../batch/rows.ts'
import { directKey, idKey } from '../batch/working-set.ts'
import type { Work } from './work.ts'

/** Conversations in MariaDB. One that a command asks for is held, unless it was fetched to be read. */
export function mysqlConversations(work: Work): ConversationRows {
  const { known } = work
  const insert = (kind: ConversationKind, title: string, open: boolean): ConversationRow => {
    const publicId = work.newId()
    const { insertId: id } = work.run(
      `insert into conversations (public_id, kind, title, open, created_at_ms)
       values (?, ?, ?, ?, ?)`,
      [publicId, kind, title, open ? 1 : 0, work.nowMs],
    )
    known.lockedNow(id)
    known.heads.set(id, 0)
    return known.rememberConversation({
      id,
      publicId,
      kind,
      epoch: 1,
      title,
      open,
      dissolved: false,
    })
  }
  const change = (id: number, set: string, values: readonly string[]) => {
    work.run(`update conversations set ${set} where id = ?`, [...values, id])
    const row = known.conversations.get(id)
    known.conversations.delete(id)
    if (row !== undefined) known.conversationIds.delete(idKey(row.publicId))
  }
  return {
    ...finders(work),
    insert,
    insertDirect(one, other) {
      const [low, high] = [Math.min(one, other), Math.max(one, other)]
      const made = insert(1, '', false)
      const sql = 'insert into directs (low, high, conversation) values (?, ?, ?)'
      work.run(sql, [low, high, made.id])
      known.directs.set(directKey(low, high), made.id)
      known.directUsers.set(made.id, [low, high])
      return made
    },
    setTitle: (id, title) => change(id, 'title = ?', [title]),
    setDissolved: (id) => change(id, 'dissolved = 1', []),
    setLetGo: (id) => change(id, 'dissolved = 2', []),
  }
}

type Finders = Pick<ConversationRows, 'byId' | 'byPublicId' | 'direct' | 'directUsers'>

function finders(work: Work): Finders {
  const { known } = work
  const held = (where: string, value: number | Uint8Array): ConversationRow | undefined => {
    const sql = `select ${conversationColumns} from conversations where ${where} = ? for update`
    const row = work.one(sql, [value])
    if (row === undefined) return undefined
    const found = conversationOf(row)
    if (!known.locked.has(found.id)) known.lockedNow(found.id)
    return known.rememberConversation(found)
  }
  const byId = (id: number) =>
    known.conversations.has(id) ? known.conversations.get(id) : held('id', id)
  return {
    byId,
    byPublicId(publicId) {
      const key = idKey(publicId)
      if (!known.conversationIds.has(key)) return held('public_id', publicId)
      const id = known.conversationIds.get(key)
      return id === undefined ? undefined : byId(id)
    },
    direct(one, other) {
      const key = directKey(one, other)
      if (!known.directs.has(key)) {
        const sql = 'select conversation as n from directs where low = ? and high = ?'
        const found = work.number(sql, [Math.min(one, other), Math.max(one, other)])
        known.directs.set(key, found === 0 ? undefined : found)
      }
      const id = known.directs.get(key)
      return id === undefined ? undefined : byId(id)
    },
    directUsers(id) {
      if (known.directUsers.has(id)) return known.directUsers.get(id)
      const sql = 'select low, high from directs where conversation = ?'
      const row = work.one<{ low: number; high: number }>(sql, [id])
      const pair = row && ([row.low, row.high] as const)
      known.directUsers.set(id, pair)
      return pair
    },
  }
}
