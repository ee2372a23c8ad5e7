import type { IndexDatabase } from './open-index.ts'
import type { Upload } from './upload.ts'

interface Row {
  readonly id: string
  readonly file_id: string
  readonly owner: string
  readonly size_bytes: number
  readonly offset_bytes: number
  readonly name: string | null
  readonly metadata: string | null
  readonly created_ms: number
  readonly expires_ms: number
  readonly finished: number
}

/** The rows of uploads under way; every change is on disk when its call returns. */
export class UploadRows {
  readonly #db: IndexDatabase

  constructor(db: IndexDatabase) {
    this.#db = db
  }

  insert(upload: Upload): void {
    this.#db
      .prepare(
        `INSERT INTO uploads VALUES (@id, @fileId, @owner, @sizeBytes, @offsetBytes, @name,
         @metadata, @createdMs, @expiresMs, 0)`,
      )
      .run({ ...upload, name: upload.name ?? null, metadata: upload.metadata ?? null, finished: 0 })
  }

  find(id: string): Upload | undefined {
    const row = this.#db.prepare<[string], Row>('SELECT * FROM uploads WHERE id = ?').get(id)
    return row && uploadOf(row)
  }

  setOffset(id: string, offsetBytes: number): void {
    this.#db.prepare('UPDATE uploads SET offset_bytes = ? WHERE id = ?').run(offsetBytes, id)
  }

  /** Marks an upload as finished, with all its bytes. */
  setFinished(id: string): void {
    const sql = 'UPDATE uploads SET finished = 1, offset_bytes = size_bytes WHERE id = ?'
    this.#db.prepare(sql).run(id)
  }

  delete(id: string): void {
    this.#db.prepare('DELETE FROM uploads WHERE id = ?').run(id)
  }

  /** Uploads whose time is over, oldest first. */
  expired(nowMs: number, limit: number): Upload[] {
    return this.#db
      .prepare<[number, number], Row>(
        'SELECT * FROM uploads WHERE expires_ms <= ? ORDER BY expires_ms LIMIT ?',
      )
      .all(nowMs, limit)
      .map(uploadOf)
  }

  /** How many uploads a user has not finished and how many bytes they announced. */
  unfinishedOf(owner: string): { readonly count: number; readonly bytes: number } {
    const sql = `SELECT count(*) AS count, coalesce(sum(size_bytes), 0) AS bytes
                 FROM uploads WHERE owner = ? AND finished = 0`
    const row = this.#db.prepare<[string], { count: number; bytes: number }>(sql).get(owner)
    return row ?? { count: 0, bytes: 0 }
  }

  countUnfinished(): number {
    const sql = 'SELECT count(*) FROM uploads WHERE finished = 0'
    return this.#db.prepare<[], number>(sql).pluck().get() ?? 0
  }
}

function uploadOf(row: Row): Upload {
  return {
    id: row.id,
    fileId: row.file_id,
    owner: row.owner,
    sizeBytes: row.size_bytes,
    offsetBytes: row.offset_bytes,
    name: row.name ?? undefined,
    metadata: row.metadata ?? undefined,
    createdMs: row.created_ms,
    expiresMs: row.expires_ms,
    finished: row.finished === 1,
  }
}
