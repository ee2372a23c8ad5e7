import type { SearchRows } from '../../chore-rows.ts'
import { placesFor } from '../bridge/sql-text.ts'
import type { Work } from './work.ts'

/** The search index in MariaDB. */
export function mysqlSearch(work: Work): SearchRows {
  return {
    progress: (format) =>
      work.number('select last_message as n from search_progress where format = ? for update', [
        format,
      ]),
    put(format, blocks) {
      if (blocks.length === 0) return
      const rows = blocks.map(() => placesFor(4)).join(', ')
      const sql = `replace into search_blocks (conversation, block, format, signature) values ${rows}`
      const params = blocks.flatMap(({ conversation, block, signature }) => {
        return [conversation, block, format, signature]
      })
      work.later({ sql, params })
    },
    setProgress(format, message) {
      const sql = 'replace into search_progress (format, last_message) values (?, ?)'
      work.later({ sql, params: [format, message] })
    },
  }
}
