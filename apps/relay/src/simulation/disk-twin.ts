import Database from 'better-sqlite3'
import type { Sqlite } from '../store/sqlite/open-database.ts'

/** An error as SQLite reports it. */
class DiskError extends Error {
  readonly code: string

  constructor(code: string) {
    super(`simulated ${code}`)
    this.code = code
  }
}

/**
 * The disk under a database: what is committed is there after a power cut, unless a sync has failed.
 * After that the system has called its pages clean, and nothing that is written later is kept,
 * though every later sync says so.
 */
export class DiskTwin {
  db: Sqlite
  isFull = false
  /** The next sync fails. */
  failsNextSync = false
  #kept: Buffer | undefined
  readonly #statements = new Map<string, unknown>()

  constructor(image: Buffer) {
    this.db = new Database(image)
  }

  /** A failed sync has left the disk with less than was written. */
  get isDoubtful(): boolean {
    return this.#kept !== undefined
  }

  /** The database as a batch runner uses it; its commits pass by this disk. */
  writer(): Sqlite {
    const commit = this.db.prepare('commit')
    const guarded = { run: () => (this.#sync(), commit.run()) }
    const asked = new Map<string, number>()
    return withPrepare(this.db, (sql) => {
      if (sql === 'commit') return guarded
      // The n-th writer's statement of some words is the n-th one's of the writer before.
      const count = asked.get(sql) ?? 0
      asked.set(sql, count + 1)
      return this.#statement(`${count} ${sql}`, sql)
    })
  }

  /** The database as questions use it. */
  reader(): Sqlite {
    return withPrepare(this.db, (sql) => this.#statement(sql, sql))
  }

  /** What is there after the process or the machine has come back. */
  restart(): void {
    this.isFull = false
    this.failsNextSync = false
    // What was written but never committed is no part of the database.
    if (this.db.inTransaction) this.db.exec('rollback')
    if (this.#kept === undefined) return
    this.db.close()
    this.db = new Database(this.#kept)
    this.#statements.clear()
    this.#kept = undefined
  }

  close(): void {
    this.db.close()
  }

  /** Prepared once per database: it costs more than all that a short life does with it. */
  #statement(key: string, sql: string): unknown {
    const known = this.#statements.get(key) ?? this.db.prepare(sql)
    this.#statements.set(key, known)
    return known
  }

  #sync(): void {
    if (this.isFull) throw new DiskError('SQLITE_FULL')
    if (!this.failsNextSync) return
    this.failsNextSync = false
    this.#kept ??= this.#committed()
    throw new DiskError('SQLITE_IOERR_FSYNC')
  }

  /** What was on disk before the transaction that is open now. */
  #committed(): Buffer {
    this.db.exec('rollback')
    const image = this.db.serialize()
    this.db.exec('begin')
    return image
  }
}

function withPrepare(db: Sqlite, prepare: (sql: string) => unknown): Sqlite {
  return new Proxy(db, {
    get: (target, name) => {
      if (name === 'prepare') return prepare
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
