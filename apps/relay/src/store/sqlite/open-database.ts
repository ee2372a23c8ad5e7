import Database from 'better-sqlite3'
import { migrations } from '../migrations/index.ts'

/** An open SQLite database of `myim`. */
export type Sqlite = Database.Database

/** How a connection to one database is opened. */
export interface OpenOptions {
  /** A path, or `:memory:`. */
  readonly file: string
  readonly readonly?: boolean
  /** Fails instead of making a new file. */
  readonly mustExist?: boolean
}

/** Opens a database as the log needs it: WAL, and every commit on disk before it is answered. */
export function openDatabase(options: OpenOptions): Sqlite {
  const { readonly = false, mustExist: fileMustExist = false } = options
  const db = new Database(options.file, { readonly, fileMustExist, timeout: 5000 })
  if (!readonly) {
    db.pragma('journal_mode = WAL')
    // The driver is compiled with NORMAL, which loses acknowledged commits on power loss.
    db.pragma('synchronous = FULL')
    db.pragma('wal_autocheckpoint = 4000')
    // What is recalled is gone: SQLite would leave its bytes in the free parts of pages.
    db.pragma('secure_delete = ON')
  }
  db.pragma('cache_size = -32000')
  db.pragma('temp_store = MEMORY')
  return db
}

/** Brings the tables up to date; each migration runs once, in one transaction, in order. */
export function migrate(db: Sqlite): void {
  const done = Number(db.pragma('user_version', { simple: true }))
  if (done > migrations.length) {
    throw new Error('the database was written by a newer version of Parley')
  }
  migrations.slice(done).forEach((statements, index) => {
    db.transaction(() => {
      for (const statement of statements) db.exec(statement)
      db.pragma(`user_version = ${done + index + 1}`)
    })()
  })
}
