import type { SearchRows } from '../../chore-rows.ts'
import type { Work } from './work.ts'

/** The search index in MariaDB. */
export function mysqlSearch(work: Work): SearchRows {
  return {
    progress: (format) =>
      work.number('select last_message as n from search_progress where format = ? for update', [
        format,
      ]),
    put(format, { conversation, block, signature }) {
      work.run(
        `replace into search_blocks (conversation, block, format, signature)
         values (?, ?, ?, ?)`,
        [conversation, block, format, signature],
      )
    },
    setProgress(format, message) {
      const sql = 'replace into search_progress (format, last_message) values (?, ?)'
      work.run(sql, [format, message])
    },
  }
}
