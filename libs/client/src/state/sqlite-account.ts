import type { Database, Statement, Transaction } from 'better-sqlite3'
import type { AccountState, OutboxClaim, OutboxMessage, OutboxRow } from './local-state.ts'
import type { StateChange, StoredConversation, StoredEntry, UnshownAfter } from './local-state.ts'
import { maxOutboxMessages, maxStoredEntries } from './local-state.ts'
import { assertFollows, erasedBody, logMoved, outboxFull, pruneEvery } from './rules.ts'
import { sqliteStatements } from './sqlite-statements.ts'
import type { Statements } from './sqlite-statements.ts'

/** One user's rows of the database. */
export class SqliteAccount implements AccountState {
  readonly #userId: string
  readonly #sql: Statements
  readonly #commit: Transaction<(changes: readonly StateChange[]) => void>
  readonly #enqueue: Transaction<
    (messages: readonly OutboxMessage[], claim: OutboxClaim) => OutboxRow[]
  >

  constructor(db: Database, userId: string) {
    this.#userId = userId
    this.#sql = sqliteStatements(db)
    this.#commit = db.transaction((changes: readonly StateChange[]) => {
      for (const change of changes) this.#apply(change)
    })
    this.#enqueue = db.transaction((messages: readonly OutboxMessage[], claim: OutboxClaim) =>
      this.#add(messages, claim),
    )
  }

  conversations(): StoredConversation[] {
    return this.#sql.conversations.all(this.#userId) as StoredConversation[]
  }

  unshown(): UnshownAfter[] {
    return this.#sql.unshown.all(this.#userId) as UnshownAfter[]
  }

  entries(conversationId: string, afterSeq: number, limit: number): StoredEntry[] {
    const user = this.#userId
    return this.#sql.entries.all(user, conversationId, afterSeq, limit) as StoredEntry[]
  }

  commit(changes: readonly StateChange[]): void {
    if (changes.length > 0) this.#commit.immediate(changes)
  }

  enqueue(messages: readonly OutboxMessage[], claim: OutboxClaim): OutboxRow[] {
    return this.#enqueue.immediate(messages, claim)
  }

  renew(claim: OutboxClaim): void {
    this.#sql.renew.run(claim.untilMs, this.#userId, claim.owner)
  }

  claim(claim: OutboxClaim): OutboxRow[] {
    const user = this.#userId
    const { owner, untilMs, nowMs } = claim
    const taken = rows(this.#sql.take, [owner, untilMs, user, owner, nowMs])
    return taken.toSorted((one, other) => one.position - other.position)
  }

  release(owner: string): void {
    this.#sql.release.run(this.#userId, owner)
  }

  outbox(nowMs: number): OutboxRow[] {
    return rows(this.#sql.outbox, [nowMs, this.#userId])
  }

  cancel(messageId: string): boolean {
    return this.#sql.settle.run(this.#userId, messageId).changes > 0
  }

  #apply(change: StateChange): void {
    const user = this.#userId
    const sql = this.#sql
    switch (change.kind) {
      case 'append':
        return this.#append(change.conversationId, change.firstSeq, change.bodies)
      case 'skip':
        return mustChange(sql.skip.run(change.seq, user, change.conversationId, change.seq))
      case 'shown':
        sql.shown.run(change.seq, user, change.conversationId)
        return
      case 'erase':
        return this.#erase(change.conversationId, change.seq)
      case 'rewind':
        sql.forget.run(user, change.conversationId)
        return mustChange(sql.rewind.run(change.epoch, user, change.conversationId))
      case 'describe': {
        const { conversationId, kind, title, peerId, peerName } = change.conversation
        sql.describe.run(user, conversationId, change.epoch, kind, title, peerId, peerName)
        return
      }
      case 'settle':
        sql.settle.run(user, change.messageId)
        return
      case 'refuse':
        sql.refuse.run(change.reason, change.message, user, change.messageId)
    }
  }

  #append(conversationId: string, firstSeq: number, bodies: readonly Uint8Array[]): void {
    const user = this.#userId
    const lastSeq = firstSeq + bodies.length - 1
    assertFollows(firstSeq, bodies.length)
    mustChange(this.#sql.advance.run(lastSeq, user, conversationId, firstSeq - 1))
    for (const [index, body] of bodies.entries()) {
      this.#sql.append.run(user, conversationId, firstSeq + index, body)
    }
    if (pruneEvery(firstSeq, lastSeq)) {
      this.#sql.prune.run(user, conversationId, lastSeq - maxStoredEntries)
    }
  }

  #erase(conversationId: string, seq: number): void {
    const [entry] = this.entries(conversationId, seq - 1, 1)
    if (entry?.seq !== seq) return
    this.#sql.replace.run(erasedBody(entry.body), this.#userId, conversationId, seq)
  }

  #add(messages: readonly OutboxMessage[], claim: OutboxClaim): OutboxRow[] {
    const user = this.#userId
    const { waiting } = this.#sql.count.get(user) as { waiting: number }
    if (waiting + messages.length > maxOutboxMessages) throw outboxFull()
    return messages.map((message) => {
      const { messageId, command, createdAtMs } = message
      const { owner, untilMs } = claim
      const values = [user, messageId, command, createdAtMs, owner, untilMs]
      const { lastInsertRowid } = this.#sql.enqueue.run(values)
      const position = Number(lastInsertRowid)
      return { ...message, position, refusedReason: '', refusedMessage: '', claimed: true }
    })
  }
}

function rows(statement: Statement, parameters: readonly unknown[]): OutboxRow[] {
  const found = statement.all(...parameters) as (Omit<OutboxRow, 'claimed'> & { claimed: number })[]
  return found.map((row) => ({ ...row, claimed: row.claimed === 1 }))
}

function mustChange(result: { readonly changes: number }): void {
  if (result.changes !== 1) throw logMoved()
}
