import type { Param, Statement } from '../bridge/session.ts'
import { placesFor } from '../bridge/sql-text.ts'
import type { NewEntry } from '../../tx.ts'
import { pairKey } from './working-set.ts'

/** One statement carries so many rows, or bytes of entries, at most: far below what servers take. */
const maxRows = 1_000
const maxBytes = 1_000_000

interface Line extends NewEntry {
  readonly seq: number
}

type Triple = readonly [number, number, number]

/** Rows that a transaction will write in few statements, before its end or before it reads them. */
export class PendingRows {
  #lines: Line[] = []
  #others: Statement[] = []
  readonly #cursors = new Map<string, Triple>()
  readonly #reads = new Map<string, Triple>()
  readonly #unanswered = new Map<string, Triple>()

  /** Any other change. */
  add(statement: Statement): void {
    this.#others.push(statement)
  }

  /** A line of a log. */
  append(entry: NewEntry, seq: number): void {
    this.#lines.push({ ...entry, seq })
  }

  /** What a device has stored; a number below an earlier one changes nothing. */
  delivered(device: number, conversation: number, seq: number): void {
    const key = pairKey(device, conversation)
    if ((this.#cursors.get(key)?.[2] ?? 0) < seq) {
      this.#cursors.set(key, [device, conversation, seq])
    }
  }

  /** What a user has read. */
  read(user: number, conversation: number, seq: number): void {
    this.#reads.set(pairKey(user, conversation), [user, conversation, seq])
  }

  /** How many texts of a stranger wait for an answer. */
  unanswered(sender: number, recipient: number, count: number): void {
    this.#unanswered.set(pairKey(sender, recipient), [sender, recipient, count])
  }

  /** The statements that write all of it, once. Rows are in the order of their keys: writers meet in it. */
  take(): Statement[] {
    const statements = [
      ...chunks(this.#lines).map(insertLines),
      ...upserts('cursors (device, conversation, seq)', forward, this.#cursors),
      ...upserts('`reads` (user, conversation, seq)', forward, this.#reads),
      ...upserts('strangers (sender, recipient, unanswered)', replaced, this.#unanswered),
      ...this.#others,
    ]
    this.clear()
    return statements
  }

  /** Forgets all of it: it was undone. */
  clear(): void {
    this.#lines = []
    this.#others = []
    for (const rows of [this.#cursors, this.#reads, this.#unanswered]) rows.clear()
  }
}

const forward = 'seq = greatest(seq, values(seq))'
const replaced = 'unanswered = values(unanswered)'

function upserts(into: string, change: string, rows: ReadonlyMap<string, Triple>): Statement[] {
  const sorted = [...rows.values()].toSorted((a, b) => a[0] - b[0] || a[1] - b[1])
  const statements: Statement[] = []
  for (let at = 0; at < sorted.length; at += maxRows) {
    const part = sorted.slice(at, at + maxRows)
    const values = part.map(() => '(?, ?, ?)').join(', ')
    const sql = `insert into ${into} values ${values} on duplicate key update ${change}`
    statements.push({ sql, params: part.flat() })
  }
  return statements
}

const lineColumns =
  'conversation, seq, sender, client_id, digest, kind, target_seq, sent_at_ms, entry'

function insertLines(lines: readonly Line[]): Statement {
  const values = lines.map(() => placesFor(9)).join(', ')
  const sql = `insert into messages (${lineColumns}) values ${values}`
  return { sql, params: lines.flatMap(paramsOf) }
}

function paramsOf(line: Line): Param[] {
  const { conversation, seq, sender, clientId, digest, kind, targetSeq, sentAtMs, entry } = line
  const optional = [targetSeq ?? null, sentAtMs, entry] as const
  return [conversation, seq, sender, clientId ?? null, digest ?? null, kind, ...optional]
}

function chunks(lines: readonly Line[]): Line[][] {
  const parts: Line[][] = []
  let bytes = 0
  for (const line of lines) {
    const last = parts.at(-1)
    bytes += line.entry.length
    if (last !== undefined && last.length < maxRows && bytes <= maxBytes) last.push(line)
    else {
      parts.push([line])
      bytes = line.entry.length
    }
  }
  return parts
}
