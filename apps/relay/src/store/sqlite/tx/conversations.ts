import { LRUCache } from 'lru-cache'
import type { ConversationKind, ConversationRow, ConversationRows } from '../../tx.ts'
import type { Sqlite } from '../open-database.ts'

interface Row {
  readonly id: number
  readonly public_id: Uint8Array
  readonly kind: ConversationKind
  readonly epoch: number
  readonly title: string
  readonly open: number
  readonly dissolved: number
}

const columns =
  'c.id as id, c.public_id as public_id, c.kind as kind, c.epoch as epoch, c.title as title, ' +
  'c.open as open, c.dissolved as dissolved'

/** Conversations kept in memory by the writer, which alone changes them. */
const cachedConversations = 20_000

/** Conversations in SQLite, with a memory of those used lately. */
export interface SqliteConversations extends ConversationRows {
  /** Forgets what is kept in memory: a rollback has made it doubtful. */
  forget(): void
}

/** Conversations in SQLite. */
export function sqliteConversations(
  db: Sqlite,
  nowMs: () => number,
  newId: () => Uint8Array,
  max = cachedConversations,
): SqliteConversations {
  const select = statements(db)
  const found = finders(select, max)
  const insert = (kind: ConversationKind, title: string, open: boolean): ConversationRow => {
    const publicId = newId()
    const done = select.insert.run(publicId, kind, title, open ? 1 : 0, nowMs())
    const id = Number(done.lastInsertRowid)
    return { id, publicId, kind, epoch: 1, title, open, dissolved: false }
  }
  return {
    ...found,
    insert,
    insertDirect(one, other) {
      const made = insert(1, '', false)
      select.insertDirect.run(Math.min(one, other), Math.max(one, other), made.id)
      return made
    },
    setTitle(id, title) {
      select.setTitle.run(title, id)
      found.changed(id)
    },
    setDissolved(id) {
      select.setDissolved.run(id)
      found.changed(id)
    },
    setLetGo: (id) => void select.setLetGo.run(id),
  }
}

type Statements = ReturnType<typeof statements>

/** The ways to a conversation, with the memory of those used lately. */
function finders(select: Statements, max: number) {
  const rows = new LRUCache<number, ConversationRow>({ max })
  const pairs = new LRUCache<number, readonly [number, number]>({ max })
  const remember = (row: Row | undefined) => {
    if (row === undefined) return undefined
    const found = conversation(row)
    rows.set(found.id, found)
    return found
  }
  const byId = (id: number) => rows.get(id) ?? remember(select.byId.get(id))
  return {
    byId,
    byPublicId: (publicId: Uint8Array) => remember(select.byPublicId.get(publicId)),
    direct(one: number, other: number) {
      const id = select.direct.get(Math.min(one, other), Math.max(one, other))
      return id === undefined ? undefined : byId(id)
    },
    directUsers(id: number) {
      const known = pairs.get(id)
      if (known !== undefined) return known
      const row = select.pair.get(id)
      const pair = row && ([row.low, row.high] as const)
      if (pair !== undefined) pairs.set(id, pair)
      return pair
    },
    changed: (id: number) => void rows.delete(id),
    forget() {
      rows.clear()
      pairs.clear()
    },
  }
}

function statements(db: Sqlite) {
  return {
    byId: db.prepare<[number], Row>(`select ${columns} from conversations c where c.id = ?`),
    byPublicId: db.prepare<[Uint8Array], Row>(
      `select ${columns} from conversations c where c.public_id = ?`,
    ),
    direct: db
      .prepare<[number, number], number>(
        'select conversation from directs where low = ? and high = ?',
      )
      .pluck(),
    pair: db.prepare<[number], { low: number; high: number }>(
      'select low, high from directs where conversation = ?',
    ),
    insert: db.prepare(
      `insert into conversations (public_id, kind, title, open, created_at_ms)
       values (?, ?, ?, ?, ?)`,
    ),
    insertDirect: db.prepare('insert into directs (low, high, conversation) values (?, ?, ?)'),
    setTitle: db.prepare('update conversations set title = ? where id = ?'),
    setDissolved: db.prepare('update conversations set dissolved = 1 where id = ?'),
    setLetGo: db.prepare('update conversations set dissolved = 2 where id = ?'),
  }
}

function conversation(row: Row): ConversationRow {
  const { id, kind, epoch, title } = row
  const publicId = row.public_id
  return { id, publicId, kind, epoch, title, open: row.open !== 0, dissolved: row.dissolved !== 0 }
}
