import type { Database, Statement } from 'better-sqlite3'

const outboxColumns = `position, message_id AS messageId, command, created_at_ms AS createdAtMs,
  refused_reason AS refusedReason, refused_message AS refusedMessage`

const texts = {
  conversations: `SELECT conversation_id AS conversationId, epoch, seq, kind, title,
    peer_id AS peerId, peer_name AS peerName FROM conversation WHERE user_id = ?`,
  entries: `SELECT seq, body FROM entry
    WHERE user_id = ? AND conversation_id = ? AND seq > ? ORDER BY seq LIMIT ?`,
  advance: `UPDATE conversation SET seq = ?
    WHERE user_id = ? AND conversation_id = ? AND seq = ?`,
  append: 'INSERT INTO entry (user_id, conversation_id, seq, body) VALUES (?, ?, ?, ?)',
  prune: 'DELETE FROM entry WHERE user_id = ? AND conversation_id = ? AND seq <= ?',
  skip: 'UPDATE conversation SET seq = ? WHERE user_id = ? AND conversation_id = ? AND seq <= ?',
  shown: `UPDATE conversation SET shown = max(shown, min(seq, ?))
    WHERE user_id = ? AND conversation_id = ?`,
  unshown: `SELECT conversation_id AS conversationId, shown AS afterSeq FROM conversation
    WHERE user_id = ? AND shown < seq`,
  replace: 'UPDATE entry SET body = ? WHERE user_id = ? AND conversation_id = ? AND seq = ?',
  forget: 'DELETE FROM entry WHERE user_id = ? AND conversation_id = ?',
  rewind: `UPDATE conversation SET epoch = ?, seq = 0, shown = 0
    WHERE user_id = ? AND conversation_id = ?`,
  describe: `INSERT INTO conversation
    (user_id, conversation_id, epoch, seq, kind, title, peer_id, peer_name)
    VALUES (?, ?, ?, 0, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET kind = excluded.kind,
    title = excluded.title, peer_id = excluded.peer_id, peer_name = excluded.peer_name`,
  count: 'SELECT count(*) AS waiting FROM outbox WHERE user_id = ?',
  enqueue: `INSERT INTO outbox (user_id, message_id, command, created_at_ms, owner,
    claimed_until_ms, refused_reason, refused_message) VALUES (?, ?, ?, ?, ?, ?, '', '')`,
  renew: `UPDATE outbox SET claimed_until_ms = ?
    WHERE user_id = ? AND owner = ? AND refused_reason = ''`,
  take: `UPDATE outbox SET owner = ?, claimed_until_ms = ?
    WHERE user_id = ? AND owner <> ? AND claimed_until_ms <= ? AND refused_reason = ''
    RETURNING ${outboxColumns}, 1 AS claimed`,
  release: `UPDATE outbox SET owner = '', claimed_until_ms = 0 WHERE user_id = ? AND owner = ?`,
  outbox: `SELECT ${outboxColumns}, claimed_until_ms > ? AS claimed
    FROM outbox WHERE user_id = ? ORDER BY position`,
  settle: 'DELETE FROM outbox WHERE user_id = ? AND message_id = ?',
  refuse: `UPDATE outbox SET refused_reason = ?, refused_message = ?, owner = '',
    claimed_until_ms = 0 WHERE user_id = ? AND message_id = ?`,
} as const

/** The account's statements, prepared once. */
export type Statements = Readonly<Record<keyof typeof texts, Statement>>

/** Prepares every statement that an account needs. */
export function sqliteStatements(db: Database): Statements {
  const prepared = Object.entries(texts).map(([name, text]) => [name, db.prepare(text)])
  return Object.fromEntries(prepared) as Statements
}
