import { chmodSync, statSync } from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'

/** The index's database handle. */
export type IndexDatabase = Database.Database

const migrations = [
  `CREATE TABLE uploads (
     id TEXT PRIMARY KEY, file_id TEXT NOT NULL UNIQUE, owner TEXT NOT NULL,
     size_bytes INTEGER NOT NULL, offset_bytes INTEGER NOT NULL, name TEXT, metadata TEXT,
     created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, finished INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX uploads_unfinished ON uploads (owner, size_bytes) WHERE finished = 0;
   CREATE INDEX uploads_by_expiry ON uploads (expires_ms);
   CREATE TABLE files (
     id TEXT PRIMARY KEY, owner TEXT NOT NULL, name TEXT, size_bytes INTEGER NOT NULL,
     created_ms INTEGER NOT NULL, unheld_since_ms INTEGER, facts TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX files_by_owner ON files (owner, size_bytes);
   CREATE INDEX files_unheld ON files (unheld_since_ms) WHERE unheld_since_ms IS NOT NULL;
   CREATE TABLE variants (
     file_id TEXT NOT NULL REFERENCES files (id) ON DELETE CASCADE, variant TEXT NOT NULL,
     digest TEXT NOT NULL, size_bytes INTEGER NOT NULL, type TEXT NOT NULL,
     PRIMARY KEY (file_id, variant)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX variants_by_digest ON variants (digest);
   CREATE TABLE holds (
     file_id TEXT NOT NULL REFERENCES files (id) ON DELETE CASCADE, holder TEXT NOT NULL,
     PRIMARY KEY (file_id, holder)
   ) STRICT, WITHOUT ROWID;`,
  `CREATE TABLE record_changes (file_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;`,
]

/** Whether a folder has an index already. */
export function hasIndex(folder: string): boolean {
  const found = statSync(fileIn(folder), { throwIfNoEntry: false })
  return found !== undefined && found.size > 0
}

/** Opens `uploads.sqlite` in a folder, made and migrated; a commit is on disk when it returns. */
export function openIndex(folder: string): IndexDatabase {
  const file = fileIn(folder)
  const db = new Database(file)
  chmodSync(file, 0o600)
  db.pragma('journal_mode = WAL')
  // The driver's own default, NORMAL, loses acknowledged commits in a power cut.
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = ON')
  migrate(db)
  rememberStatements(db)
  return db
}

function fileIn(folder: string): string {
  return path.join(folder, 'uploads.sqlite')
}

// Preparing costs more than running. The program has a fixed number of statements, none of which is
// read in two ways.
function rememberStatements(db: IndexDatabase): void {
  const known = new Map<string, Database.Statement>()
  const prepare = db.prepare.bind(db)
  const remembered = (sql: string) => {
    const statement = known.get(sql) ?? prepare(sql)
    known.set(sql, statement)
    return statement
  }
  db.prepare = remembered as typeof db.prepare
}

function migrate(db: IndexDatabase): void {
  const done = Number(db.pragma('user_version', { simple: true }))
  if (done > migrations.length) {
    throw new Error(`uploads.sqlite is of version ${done}, newer than this program`)
  }
  for (const [index, sql] of migrations.entries()) {
    if (index < done) continue
    db.transaction(() => {
      db.exec(sql)
      db.pragma(`user_version = ${index + 1}`)
    })()
  }
}
