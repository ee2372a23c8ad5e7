import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'

/** A log in short: how many entries, the last number, and a SHA-256 of all that was stored of them. */
export interface LogDigest {
  readonly conversation: number
  readonly count: number
  readonly head: number
  readonly digest: string
}

/** What of a message is compared; conversation and seq come first. */
export const logColumns =
  'conversation, seq, id, sender, client_id, digest, kind, target_seq, sent_at_ms, entry'

/** Digests of logs, from rows in the order of conversations and numbers. */
export async function* logDigests(
  rows: AsyncIterable<unknown[]> | Iterable<unknown[]>,
): AsyncGenerator<LogDigest> {
  let hash = createHash('sha256')
  let [conversation, count, head] = [0, 0, 0]
  const done = () => ({ conversation, count, head, digest: hash.digest('hex') })
  for await (const row of rows) {
    if (count > 0 && row[0] !== conversation) {
      yield done()
      hash = createHash('sha256')
      count = 0
    }
    conversation = Number(row[0])
    head = Number(row[1])
    count += 1
    addRow(hash, row)
  }
  if (count > 0) yield done()
}

/** A digest of any rows, in their order. */
export async function rowsDigest(
  rows: AsyncIterable<unknown[]> | Iterable<unknown[]>,
): Promise<{ count: number; digest: string }> {
  const hash = createHash('sha256')
  let count = 0
  for await (const row of rows) {
    addRow(hash, row)
    count += 1
  }
  return { count, digest: hash.digest('hex') }
}

// Each value with its kind and length, so that no two rows read the same.
function addRow(hash: Hash, row: readonly unknown[]): void {
  for (const value of row) {
    if (value instanceof Uint8Array) hash.update(`b${value.length}:`).update(value)
    else if (typeof value === 'string') hash.update(`s${Buffer.byteLength(value)}:${value}`)
    else if (typeof value === 'number') hash.update(`n${value};`)
    else if (value === null) hash.update('0')
    else throw new TypeError(`a ${typeof value} in a row`)
  }
  hash.update('\n')
}
