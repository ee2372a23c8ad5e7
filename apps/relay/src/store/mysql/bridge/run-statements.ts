import type { Connection, FieldPacket, QueryResult, RowDataPacket } from 'mysql2/promise'
import type { StatementResult } from './session.ts'

/** What a server takes in one packet is 16 MiB unless told; this stays far below. */
const maxPacketChars = 4 * 1024 * 1024

/** The type of a column of whole numbers up to 2^63. */
const bigintType = 8

/**
 * Runs statements in their order until one fails, and gathers what they came to. They travel in few
 * packets, for each costs both sides more than most statements do. A last `commit` has a packet of
 * its own: whatever fails before it, the transaction is known not to be stored.
 */
export async function runStatements(
  connectionNow: () => Connection,
  statements: readonly string[],
  results: StatementResult[],
): Promise<void> {
  for (const packet of packetsOf(statements)) {
    const connection = connectionNow()
    const [answers, fields] = await connection.query({ sql: packet.join(';\n') })
    if (packet.length === 1) results.push(resultOf(answers, fields))
    else {
      const each = answers as QueryResult[]
      const columns = fields as unknown as (FieldPacket[] | undefined)[]
      each.forEach((answer, i) => results.push(resultOf(answer, columns[i])))
    }
  }
}

/** The statements of each packet. */
function packetsOf(statements: readonly string[]): string[][] {
  const packets: string[][] = []
  let chars = 0
  for (const sql of statements) {
    const last = packets.at(-1)
    chars += sql.length
    if (last !== undefined && chars <= maxPacketChars && sql !== 'commit') last.push(sql)
    else {
      packets.push([sql])
      chars = sql.length
    }
  }
  return packets
}

function resultOf(answer: QueryResult, fields: FieldPacket[] | undefined): StatementResult {
  if (!Array.isArray(answer)) {
    const { insertId, affectedRows } = answer
    return { rows: [], insertId, affectedRows }
  }
  const rows = answer as RowDataPacket[]
  // The driver gives whole numbers beyond 2^53 as text.
  for (const { columnType, name } of fields ?? []) {
    if (columnType !== bigintType) continue
    for (const row of rows) {
      if (typeof row[name] === 'string') throw new RangeError(`${name} is beyond 2^53`)
    }
  }
  return { rows, insertId: 0, affectedRows: 0 }
}
