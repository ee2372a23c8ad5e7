import { GatheredEffects } from '../../gathered-effects.ts'
import { PendingRows } from '../batch/pending.ts'
import { conversationColumns, conversationOf } from '../batch/rows.ts'
import { WorkingSet } from '../batch/working-set.ts'
import type { MysqlSession, Param, Statement, StatementResult } from '../bridge/session.ts'

/** What the parts of a transaction share. */
export class Work {
  readonly effects = new GatheredEffects()
  readonly known = new WorkingSet()
  /** Rows that are written later, together. */
  readonly pending = new PendingRows()
  readonly newId: () => Uint8Array
  /** When the batch began. */
  nowMs = 0
  readonly #session: MysqlSession

  constructor(session: MysqlSession, newId: () => Uint8Array) {
    this.#session = session
    this.newId = newId
  }

  /** Rows of a question. What is pending is not seen by it: flush before reading a log. */
  all<Row>(sql: string, params: readonly Param[]): Row[] {
    return this.#session.all<Row>(sql, params)
  }

  /** The first row of a question. */
  one<Row>(sql: string, params: readonly Param[]): Row | undefined {
    return this.#session.all<Row>(sql, params)[0]
  }

  /** The number that a question of one row and one column named `n` comes to. */
  number(sql: string, params: readonly Param[]): number {
    return this.one<{ n: number | null }>(sql, params)?.n ?? 0
  }

  /** A change, after those that are pending. */
  run(sql: string, params: readonly Param[]): StatementResult {
    this.flush()
    return this.#session.run(sql, params)
  }

  /** A change that nothing in this transaction reads: it is written with what is pending. */
  later(statement: Statement): void {
    this.pending.add(statement)
  }

  /** Writes what is pending, and then, in the same hop, carries out one more statement. */
  flush(then?: Statement): void {
    const statements = this.pending.take()
    if (then !== undefined) statements.push(then)
    if (statements.length > 0) this.#session.many(statements)
  }

  /** Takes hold of a conversation, so that what belongs to it stays as it is read from now on. */
  hold(conversation: number): void {
    const { known } = this
    if (known.locked.has(conversation)) return
    const sql = `select ${conversationColumns} from conversations where id = ? for update`
    const row = this.one(sql, [conversation])
    known.lockedNow(conversation)
    known.conversations.set(conversation, undefined)
    if (row !== undefined) known.rememberConversation(conversationOf(row))
  }

  /** Forgets everything: a transaction begins or has been undone. */
  reset(): void {
    this.known.releaseAll()
    this.undone()
  }

  /** Forgets what was read and not written since the last savepoint; what is held stays held. */
  undone(): void {
    this.known.forget()
    this.pending.clear()
    this.effects.clear()
  }
}
