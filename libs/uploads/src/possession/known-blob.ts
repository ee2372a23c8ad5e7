import type { IndexDatabase } from '../open-index.ts'

/**
 * The media type of a blob that some stored file consists of, undefined for any other: a blob that
 * belongs to no file is about to be collected.
 */
export function knownType(
  db: IndexDatabase,
  digest: string,
  sizeBytes: number,
): string | undefined {
  const sql = 'SELECT type FROM variants WHERE digest = ? AND size_bytes = ? LIMIT 1'
  return db.prepare<[string, number], string>(sql).pluck().get(digest, sizeBytes)
}
