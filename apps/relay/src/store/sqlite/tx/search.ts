import type { SearchRows } from '../../tx.ts'
import type { Sqlite } from '../open-database.ts'

/** The search index in SQLite. */
export function sqliteSearch(db: Sqlite): SearchRows {
  const progress = db.prepare<[], number>('select last_message from search_progress').pluck()
  const add = db.prepare(
    'insert or ignore into search_blocks (conversation, block, signature) values (?, ?, ?)',
  )
  const setProgress = db.prepare('update search_progress set last_message = ?')
  return {
    progress: () => progress.get() ?? 0,
    add: (conversation, block, signature) => void add.run(conversation, block, signature),
    setProgress: (message) => void setProgress.run(message),
  }
}
