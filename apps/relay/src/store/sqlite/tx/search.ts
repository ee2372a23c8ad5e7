import type { SearchRows } from '../../chore-rows.ts'
import type { Sqlite } from '../open-database.ts'

/** The search index in SQLite. */
export function sqliteSearch(db: Sqlite): SearchRows {
  const progress = db
    .prepare<[number], number>('select last_message from search_progress where format = ?')
    .pluck()
  const put = db.prepare(
    `insert or replace into search_blocks (conversation, block, format, signature)
     values (?, ?, ?, ?)`,
  )
  const setProgress = db.prepare(
    'insert or replace into search_progress (format, last_message) values (?, ?)',
  )
  return {
    progress: (format) => progress.get(format) ?? 0,
    put(format, blocks) {
      for (const { conversation, block, signature } of blocks) {
        put.run(conversation, block, format, signature)
      }
    },
    setProgress: (format, message) => void setProgress.run(format, message),
  }
}
