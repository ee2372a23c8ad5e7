import type { IndexDatabase } from '../open-index.ts'
import type { StoredFile } from '../stored-file.ts'
import type { FileRecords } from './file-records.ts'

/** Finds a file in this server's index. */
type Find = (id: string) => StoredFile | undefined

/**
 * Files whose record may not say what the index says: listed in the transaction that makes or
 * forgets the file, taken off the list when the record has been written or removed.
 */
export class RecordChanges {
  readonly #db: IndexDatabase
  readonly #records: FileRecords
  readonly #running = new Map<string, Promise<void>>()

  constructor(db: IndexDatabase, records: FileRecords) {
    this.#db = db
    this.#records = records
  }

  /** Lists a file; to be called within the transaction that changes it. */
  add(fileId: string): void {
    this.#db.prepare('INSERT OR IGNORE INTO record_changes VALUES (?)').run(fileId)
  }

  /** Makes the record of a file say what the index says; does nothing when it does. */
  async settle(fileId: string, find: Find): Promise<void> {
    for (let busy = this.#running.get(fileId); busy; busy = this.#running.get(fileId)) {
      await busy.catch(() => undefined)
    }
    if (!this.#isListed(fileId)) return
    const settling = this.#settle(fileId, find)
    this.#running.set(fileId, settling)
    try {
      await settling
    } finally {
      this.#running.delete(fileId)
    }
  }

  /** The first files of the list. */
  listed(limit: number): string[] {
    const sql = 'SELECT file_id FROM record_changes LIMIT ?'
    return this.#db.prepare<[number], string>(sql).pluck().all(limit)
  }

  async #settle(fileId: string, find: Find): Promise<void> {
    const file = find(fileId)
    if (file) await this.#records.write(file)
    else await this.#records.remove(fileId)
    // A file forgotten while its record was on the way has made the record wrong again.
    if ((find(fileId) === undefined) !== (file === undefined)) return
    this.#db.prepare('DELETE FROM record_changes WHERE file_id = ?').run(fileId)
  }

  #isListed(fileId: string): boolean {
    const sql = 'SELECT 1 FROM record_changes WHERE file_id = ?'
    return this.#db.prepare(sql).get(fileId) !== undefined
  }
}
