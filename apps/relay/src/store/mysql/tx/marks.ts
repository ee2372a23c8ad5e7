import type { MarkRows } from '../../tx.ts'
import { pairKey } from '../batch/working-set.ts'
import type { Work } from './work.ts'

/** Delivered and read cursors in MariaDB; both only move forward, whoever moves them. */
export function mysqlMarks(work: Work): MarkRows {
  return {
    delivered: (device, conversation, seq) => work.pending.delivered(device, conversation, seq),
    read(user, conversation, seq) {
      if (readUpTo(work, user, conversation) >= seq) return false
      work.known.readUpTo.set(pairKey(user, conversation), seq)
      work.pending.read(user, conversation, seq)
      return true
    },
  }
}

function readUpTo(work: Work, user: number, conversation: number): number {
  const key = pairKey(user, conversation)
  const known = work.known.readUpTo.get(key)
  if (known !== undefined) return known
  const sql = 'select seq as n from `reads` where user = ? and conversation = ?'
  const found = work.number(sql, [user, conversation])
  work.known.readUpTo.set(key, found)
  return found
}
