import { createConnection } from 'mysql2/promise'
import type { RowDataPacket } from 'mysql2/promise'

/** How many messages of people the database holds, whether each log is dense, and the server's version. */
export async function storedMessages(url: string) {
  const connection = await createConnection(url)
  try {
    const [rows] = await connection.query<RowDataPacket[]>(
      `select coalesce(sum(n), 0) as count, coalesce(min(n = last), 1) as dense,
              version() as version from (
         select count(*) as n, max(m.seq) as last from messages m
         join conversations c on c.id = m.conversation and c.kind = 1 group by m.conversation
       ) as logs`,
    )
    const [row] = rows
    return {
      count: Number(row?.['count']),
      dense: Number(row?.['dense']) === 1,
      version: String(row?.['version']),
    }
  } finally {
    connection.destroy()
  }
}
