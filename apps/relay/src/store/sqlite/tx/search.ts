import type { SearchRows } from '../../tx.ts'
import type { Sqlite } from '../open-database.ts'

interface Place {
  readonly id: number
  readonly conversation: number
}

/** The bigram index in SQLite. */
export function sqliteSearch(db: Sqlite): SearchRows {
  const progress = db.prepare<[], number>('select last_message from search_progress').pluck()
  // Texts and edits only: what was erased meanwhile has another kind.
  const words = db.prepare<[number], Place>(
    'select id, conversation from messages where id = ? and kind in (1, 5)',
  )
  const byPlace = db.prepare<[number, number], Place>(
    'select id, conversation from messages where conversation = ? and seq = ?',
  )
  const add = db.prepare(
    'insert or ignore into grams (gram, conversation, message) values (?, ?, ?)',
  )
  const remove = db.prepare('delete from grams where gram = ? and conversation = ? and message = ?')
  const setProgress = db.prepare('update search_progress set last_message = ?')
  return {
    progress: () => progress.get() ?? 0,
    add(message, grams) {
      const at = words.get(message)
      if (at === undefined) return
      for (const gram of grams) add.run(gram, at.conversation, at.id)
    },
    remove(conversation, seq, grams) {
      const at = byPlace.get(conversation, seq)
      if (at === undefined) return
      for (const gram of grams) remove.run(gram, at.conversation, at.id)
    },
    setProgress: (message) => void setProgress.run(message),
  }
}
