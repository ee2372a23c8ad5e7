import type { LogRun } from '../journal.ts'
import type { Sqlite } from './open-database.ts'

/** Reads runs of a log. */
export type ReadLog = (conversation: number, from: number, to: number, maxBytes: number) => LogRun

/** Tag of `repeated Entry entries = 4` in parley.chat.v1.Entries. */
const entriesTag = 0x22

/** Prepares the reading of logs from one connection. */
export function logReader(db: Sqlite): ReadLog {
  const select = db
    .prepare<[number, number, number], Uint8Array>(
      'select entry from messages where conversation = ? and seq >= ? and seq <= ? order by seq',
    )
    .pluck()
  return (conversation, from, to, maxBytes) => {
    const parts: Uint8Array[] = []
    let bytes = 0
    let count = 0
    for (const entry of select.iterate(conversation, from, to)) {
      if (count > 0 && bytes + entry.length > maxBytes) break
      parts.push(fieldHead(entry.length), entry)
      bytes += entry.length + 4
      count += 1
    }
    return { firstSeq: from, count, packed: concat(parts) }
  }
}

function fieldHead(length: number): Uint8Array {
  const head = [entriesTag]
  let rest = length
  while (rest > 0x7f) {
    head.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  head.push(rest)
  return Uint8Array.from(head)
}

/** One buffer of its own (never from a pool), so that it can be handed to another thread. */
function concat(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
