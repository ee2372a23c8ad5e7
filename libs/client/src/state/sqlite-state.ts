import type { Database } from 'better-sqlite3'
import { guarded } from './guarded.ts'
import type { AccountState, LocalState, LockName, Login } from './local-state.ts'
import type { StateLock, TransferRecord } from './local-state.ts'
import { maxTransferRecords } from './local-state.ts'
import { prepareSchema } from './schema.ts'
import { SqliteAccount } from './sqlite-account.ts'

/** How the processes that share a state exclude each other. */
export type TryLock = (name: LockName) => StateLock | undefined

/** Local state in one SQLite file, for any number of processes at once. */
export class SqliteState implements LocalState {
  readonly #db: Database
  readonly #file: string
  readonly #accounts = new Map<string, AccountState>()
  readonly tryLock: TryLock

  /** `file` is how the database is called where it fails. */
  constructor(db: Database, tryLock: TryLock, file: string) {
    this.#db = db
    this.#file = file
    this.tryLock = tryLock
    prepareSchema(db)
  }

  login(): Login | undefined {
    const row = this.#db.prepare("SELECT value FROM slot WHERE name = 'login'").get()
    return row === undefined ? undefined : (JSON.parse((row as { value: string }).value) as Login)
  }

  saveLogin(login: Login | undefined): void {
    this.#db
      .transaction(() => {
        this.#db.prepare("DELETE FROM slot WHERE name = 'login'").run()
        if (!login) return
        const text = JSON.stringify(login)
        this.#db.prepare("INSERT INTO slot (name, value) VALUES ('login', ?)").run(text)
        this.#db
          .prepare('INSERT OR REPLACE INTO device (user_name, device_id) VALUES (?, ?)')
          .run(foldedName(login.userName), login.deviceId)
      })
      .immediate()
  }

  knownDevice(userName: string): string | undefined {
    const found = this.#db
      .prepare('SELECT device_id AS deviceId FROM device WHERE user_name = ?')
      .get(foldedName(userName))
    return (found as { deviceId: string } | undefined)?.deviceId
  }

  account(userId: string): AccountState {
    const known = this.#accounts.get(userId)
    const account = known ?? guarded(new SqliteAccount(this.#db, userId), this.#file)
    this.#accounts.set(userId, account)
    return account
  }

  transfer(key: string): TransferRecord | undefined {
    const found = this.#db.prepare('SELECT url, etag FROM transfer WHERE key = ?').get(key)
    return found as TransferRecord | undefined
  }

  saveTransfer(key: string, record: TransferRecord, nowMs: number): void {
    this.#db
      .transaction(() => {
        this.#db
          .prepare('INSERT OR REPLACE INTO transfer (key, url, etag, at_ms) VALUES (?, ?, ?, ?)')
          .run(key, record.url, record.etag, nowMs)
        this.#db
          .prepare(
            `DELETE FROM transfer WHERE key IN
           (SELECT key FROM transfer ORDER BY at_ms DESC LIMIT -1 OFFSET ?)`,
          )
          .run(maxTransferRecords)
      })
      .immediate()
  }

  dropTransfer(key: string): void {
    this.#db.prepare('DELETE FROM transfer WHERE key = ?').run(key)
  }

  close(): void {
    this.#db.close()
  }
}

/** Names that a server takes for the same are the same here. */
export function foldedName(userName: string): string {
  return userName.normalize('NFKC').toLowerCase()
}
