import { endProcess, isLostWrite } from './lost-write.ts'
import type { Lost } from './lost-write.ts'
import type { IndexDatabase } from './open-index.ts'
import type { HoldChange, StoredFile, StoredVariant } from './stored-file.ts'

interface Row {
  readonly id: string
  readonly owner: string
  readonly name: string | null
  readonly created_ms: number
  readonly facts: string
}

const selectVariants = `SELECT variant, digest, size_bytes AS sizeBytes, type
                        FROM variants WHERE file_id = ? ORDER BY variant`

/** The rows of stored files, their blobs and who holds them; a change is on disk on return. */
export class FileRows {
  readonly #db: IndexDatabase
  readonly #lost: Lost
  readonly #changed: (id: string) => void

  /** `changed` hears of every file that comes or goes, within the transaction. */
  constructor(
    db: IndexDatabase,
    lost: Lost = endProcess,
    changed: (id: string) => void = () => undefined,
  ) {
    this.#db = db
    this.#lost = lost
    this.#changed = changed
  }

  /** Adds a file that nobody has held since now; to be called within a transaction. */
  insert(file: StoredFile, nowMs: number): void {
    const sizeBytes = file.variants.reduce((sum, variant) => sum + variant.sizeBytes, 0)
    const { id, owner, createdMs } = file
    this.#db
      .prepare('INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?)')
      .run(id, owner, file.name ?? null, sizeBytes, createdMs, nowMs, JSON.stringify(file.facts))
    const variant = this.#db.prepare('INSERT INTO variants VALUES (?, ?, ?, ?, ?)')
    for (const one of file.variants) {
      variant.run(id, one.variant, one.digest, one.sizeBytes, one.type)
    }
    this.#changed(id)
  }

  find(id: string): StoredFile | undefined {
    const sql = 'SELECT id, owner, name, created_ms, facts FROM files WHERE id = ?'
    const row = this.#db.prepare<[string], Row>(sql).get(id)
    if (!row) return undefined
    return {
      id: row.id,
      owner: row.owner,
      name: row.name ?? undefined,
      createdMs: row.created_ms,
      facts: JSON.parse(row.facts) as Record<string, unknown>,
      variants: this.#db.prepare<[string], StoredVariant>(selectVariants).all(id),
    }
  }

  /** Applies changes in order, all or none; answers the ids that are not here. */
  applyHolds(changes: readonly HoldChange[], nowMs: number): string[] {
    const missing = new Set<string>()
    try {
      this.#db.transaction(() => {
        for (const change of changes) {
          if (!this.#applyHold(change, nowMs)) missing.add(change.id)
        }
      })()
    } catch (error) {
      if (isLostWrite(error)) this.#lost(error)
      throw error
    }
    return [...missing]
  }

  #applyHold({ id, holder, held }: HoldChange, nowMs: number): boolean {
    if (!this.#db.prepare('SELECT 1 FROM files WHERE id = ?').get(id)) return false
    const change = held
      ? 'INSERT OR IGNORE INTO holds VALUES (?, ?)'
      : 'DELETE FROM holds WHERE file_id = ? AND holder = ?'
    this.#db.prepare(change).run(id, holder)
    // Unheld since the first moment without a hold: a repeated release does not extend its life.
    this.#db
      .prepare(
        `UPDATE files SET unheld_since_ms = CASE
           WHEN EXISTS (SELECT 1 FROM holds WHERE file_id = files.id) THEN NULL
           ELSE coalesce(unheld_since_ms, ?) END
         WHERE id = ?`,
      )
      .run(nowMs, id)
    return true
  }

  /** Ids of files that nobody has held since then, longest first. */
  unheldSince(sinceMs: number, limit: number): string[] {
    const sql = 'SELECT id FROM files WHERE unheld_since_ms <= ? ORDER BY unheld_since_ms LIMIT ?'
    return this.#db.prepare<[number, number], string>(sql).pluck().all(sinceMs, limit)
  }

  /**
   * Forgets a file; answers the digests that no file needs any more. Undefined, and it stays, when it
   * has been held since.
   */
  deleteUnheld(id: string, sinceMs: number): string[] | undefined {
    return this.#db.transaction(() => {
      const digests = this.#db.prepare<[string], StoredVariant>(selectVariants).all(id)
      const sql = 'DELETE FROM files WHERE id = ? AND unheld_since_ms <= ?'
      if (this.#db.prepare(sql).run(id, sinceMs).changes === 0) return undefined
      this.#changed(id)
      return digests.map((one) => one.digest).filter((digest) => !this.isNeeded(digest))
    })()
  }

  /** True while a file consists of this blob. */
  isNeeded(digest: string): boolean {
    return this.#db.prepare('SELECT 1 FROM variants WHERE digest = ?').get(digest) !== undefined
  }

  /** How many files a user has, and their bytes. */
  storedBy(owner: string): { readonly files: number; readonly bytes: number } {
    const sql = `SELECT count(*) AS files, coalesce(sum(size_bytes), 0) AS bytes
                 FROM files WHERE owner = ?`
    const row = this.#db.prepare<[string], { files: number; bytes: number }>(sql).get(owner)
    return row ?? { files: 0, bytes: 0 }
  }

  /** Throws when the index cannot be read; costs the same however much is stored. */
  assertReadable(): void {
    this.find('')
  }

  /** How many files there are, and the bytes of their blobs, each blob counted once. */
  usage(): { readonly files: number; readonly bytes: number } {
    const files = this.#db.prepare<[], number>('SELECT count(*) FROM files').pluck().get() ?? 0
    const sql = `SELECT coalesce(sum(size_bytes), 0)
                 FROM (SELECT max(size_bytes) AS size_bytes FROM variants GROUP BY digest)`
    return { files, bytes: this.#db.prepare<[], number>(sql).pluck().get() ?? 0 }
  }
}
