import type { Database } from 'better-sqlite3'
import { AppError } from '@parley/errors'

const version = 2

// Every table of an account begins with its user: one home may see several, one after another.
const schema = `
  CREATE TABLE slot (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE device (user_name TEXT PRIMARY KEY, device_id TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE conversation (
    user_id TEXT, conversation_id TEXT, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,
    kind INTEGER NOT NULL, title TEXT NOT NULL, peer_id TEXT NOT NULL, peer_name TEXT NOT NULL,
    PRIMARY KEY (user_id, conversation_id)
  ) WITHOUT ROWID;
  CREATE TABLE entry (
    user_id TEXT, conversation_id TEXT, seq INTEGER, body BLOB NOT NULL,
    PRIMARY KEY (user_id, conversation_id, seq)
  ) WITHOUT ROWID;
  CREATE TABLE outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT, user_id TEXT NOT NULL, message_id TEXT NOT NULL,
    command BLOB NOT NULL, created_at_ms INTEGER NOT NULL, owner TEXT NOT NULL,
    claimed_until_ms INTEGER NOT NULL, refused_reason TEXT NOT NULL, refused_message TEXT NOT NULL,
    UNIQUE (user_id, message_id)
  );
  CREATE TABLE transfer (
    key TEXT PRIMARY KEY, url TEXT NOT NULL, etag TEXT NOT NULL, at_ms INTEGER NOT NULL
  ) WITHOUT ROWID;
`

// What was stored before anybody counted what is shown counts as shown.
const fromVersion1 = `
  ALTER TABLE conversation ADD COLUMN shown INTEGER NOT NULL DEFAULT 0;
  UPDATE conversation SET shown = seq;
`

/** Makes the tables, or brings them up to date; throws (precondition, STATE_TOO_NEW) for a later version. */
export function prepareSchema(db: Database): void {
  // The driver's own default is NORMAL, under which a power cut takes back what was committed.
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('busy_timeout = 5000')
  db.transaction(() => {
    const found = Number(db.pragma('user_version', { simple: true }))
    if (found > version) {
      const message = 'the local state was written by a later version of this program'
      throw new AppError('precondition', 'STATE_TOO_NEW', message)
    }
    if (found === version) return
    if (found === 0) db.exec(schema)
    db.exec(fromVersion1)
    db.pragma(`user_version = ${version}`)
  }).immediate()
}
