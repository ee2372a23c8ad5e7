import { randomBytes } from 'node:crypto'
import { chat } from '@parley/proto'
import { systemScheduler, uuidv7 } from '@parley/service-kit'
import type { AnswerOf, InputOf, ScriptName } from '../commands/index.ts'
import { contentKind } from '../domain/may-send.ts'
import { nameKey } from '../domain/names.ts'
import type { Command, Effects, Outcome, RequestKey } from '../store/journal.ts'
import { batchRunner } from '../store/sqlite/batch.ts'
import { migrate, openDatabase } from '../store/sqlite/open-database.ts'
import type { Sqlite } from '../store/sqlite/open-database.ts'
import type { AttachmentRow } from '../store/tx.ts'
import { kyselyOn } from '../store/sqlite/kysely.ts'
import { sqliteTx } from '../store/sqlite/tx/index.ts'
import { queries } from '../store/queries/index.ts'
import type { ArgsOf, Query, QueryName, ResultOf } from '../store/queries/index.ts'

/** A user of a world, as commands and queries name one. */
export interface WorldUser {
  readonly user: number
  readonly userId: Uint8Array
  readonly name: string
  readonly deviceId: Uint8Array
  readonly loginId: Uint8Array
  readonly notices: number
}

/** The database of a relay in memory, with commands carried out at once; time stands still. */
export interface World {
  readonly db: Sqlite
  readonly clock: { nowMs: number }
  /** Carries a command out; throws when it is refused. */
  run<Name extends ScriptName>(name: Name, input: InputOf<Name>): AnswerOf<Name>
  /** What a command came to, with what others hear of it. */
  outcome<Name extends ScriptName>(
    name: Name,
    input: InputOf<Name>,
    request?: RequestKey,
  ): { answer?: AnswerOf<Name>; reason?: string; duplicate?: boolean; effects?: Effects }
  ask<Name extends QueryName>(name: Name, args: ArgsOf<Name>): Promise<ResultOf<Name>>
  register(name: string): WorldUser
  befriend(one: WorldUser, other: WorldUser): void
  /** Sends content to a user or conversation; the conversation, its public id and the number. */
  send(from: WorldUser, to: Uint8Array, content: chat.Content['content']): Sent
  /** The contents of a log. */
  log(conversation: number): chat.Content['content'][]
  conversation(publicId: Uint8Array): number
}

type Sent = AnswerOf<'sendMessage'>

/** A world without anybody in it. */
export function emptyWorld(): World {
  const db = openDatabase({ file: ':memory:' })
  migrate(db)
  const clock = { nowMs: 1_767_225_600_000 }
  const newId = () => uuidv7({ ...systemScheduler, now: () => clock.nowMs })
  const tx = sqliteTx(db, { now: () => clock.nowMs, newId })
  const kysely = kyselyOn(db)
  const runBatch = batchRunner(db, tx, (_name, error) => {
    throw error
  })
  const one = (command: unknown): Outcome => {
    const [outcome] = runBatch([command as Command])
    if (outcome === undefined) throw new Error('no outcome')
    return outcome
  }
  const world: World = {
    db,
    clock,
    run(name, input) {
      const outcome = one({ name, input })
      if (!outcome.ok) throw new Error(outcome.reason)
      return outcome.answer as never
    },
    outcome(name, input, request) {
      const outcome = one({ name, input, ...(request && { request }) })
      return outcome.ok ? { ...outcome, answer: outcome.answer as never } : outcome
    },
    ask: (name, args) => (queries[name] as Query<unknown, never>)(kysely, args),
    register: (name) => register(world, name),
    befriend(mine, theirs) {
      world.run('requestContact', { user: mine.user, otherId: theirs.userId, text: '' })
      world.run('answerContact', { user: theirs.user, otherId: mine.userId, accept: true })
    },
    send: (from, to, content) => world.run('sendMessage', sendInput(world, from, to, content)),
    log: (conversation) =>
      db
        .prepare<[number], Uint8Array>(
          'select entry from messages where conversation = ? order by seq',
        )
        .pluck()
        .all(conversation)
        .map((entry) => chat.Entry.decode(entry).content?.content),
    conversation: (publicId) => rowOf(db, 'conversations', publicId).id,
  }
  return world
}

function register(world: World, name: string): WorldUser {
  const loginId = Uint8Array.from(randomBytes(16))
  const { userId, deviceId } = world.run('registerAccount', {
    name,
    nameKey: nameKey(name),
    skeleton: name,
    password: `hash of ${name}`,
    codeHash: undefined,
    loginId,
    refreshHash: Uint8Array.from(randomBytes(32)),
    deviceId: undefined,
    deviceName: 'laptop',
  })
  const { id, notices } = rowOf(world.db, 'users', userId)
  return { user: id, userId, name, deviceId, loginId, notices }
}

function sendInput(
  world: World,
  from: WorldUser,
  to: Uint8Array,
  content: chat.Content['content'],
): InputOf<'sendMessage'> {
  const toUser = world.db.prepare('select 1 from users where public_id = ?').get(to) !== undefined
  const value = content?.value as { targetSeq?: number } | undefined
  const entry = chat.Entry.create({
    senderId: Buffer.from(from.userId),
    senderName: from.name,
    sentAtMs: world.clock.nowMs,
    content: { content },
  })
  return {
    sender: from.user,
    conversation: 0,
    conversationId: toUser ? undefined : to,
    peerId: toUser ? to : undefined,
    clientId: Uint8Array.from(randomBytes(16)),
    digest: new Uint8Array(16),
    kind: content === undefined ? 0 : contentKind[content.$case],
    targetSeq: value?.targetSeq ?? 0,
    replyTo: 0,
    sentAtMs: world.clock.nowMs,
    entry: chat.Entry.encode(entry).finish(),
    attachment: attachmentOf(content),
    forwardOf: undefined,
  }
}

/** What a receipt would have vouched for. */
function attachmentOf(content: chat.Content['content']): AttachmentRow | undefined {
  if (content?.$case === 'file') return { service: 1, attachmentId: content.value.fileId }
  if (content?.$case === 'image') return { service: 2, attachmentId: content.value.imageId }
  if (content?.$case !== 'sticker' || content.value.image === undefined) return undefined
  return { service: 2, attachmentId: content.value.image.imageId }
}

function rowOf(db: Sqlite, table: string, publicId: Uint8Array): { id: number; notices: number } {
  const row = db
    .prepare<[Uint8Array], { id: number; notices: number }>(
      `select * from ${table} where public_id = ?`,
    )
    .get(publicId)
  if (row === undefined) throw new Error(`nothing in ${table}`)
  return row
}
