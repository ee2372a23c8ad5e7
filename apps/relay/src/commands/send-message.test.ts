import { randomBytes } from 'node:crypto'
import { chat } from '@parley/proto'
import { systemScheduler, uuidv7 } from '@parley/service-kit'
import { beforeEach, describe, expect, test } from 'vitest'
import { contentKind } from '../domain/may-send.ts'
import { emptyWorld } from '../testing/world.ts'
import type { World, WorldUser } from '../testing/world.ts'
import type { SendInput } from './send-input.ts'

const { Content, Edit, Entry, File, Nudge, Recall, Text } = chat
const text = (words: string) => ({ $case: 'text', value: Text.create({ text: words }) }) as const
const nudge = { $case: 'nudge', value: Nudge.create() } as const
const recall = (targetSeq: number) =>
  ({ $case: 'recall', value: Recall.create({ targetSeq }) }) as const
const edit = (targetSeq: number, words: string) =>
  ({ $case: 'edit', value: Edit.create({ targetSeq, text: words }) }) as const
const kinds: Record<string, number> = contentKind

let world: World
let ann: WorldUser
let bob: WorldUser
let eve: WorldUser

beforeEach(() => {
  world = emptyWorld()
  ann = world.register('ann')
  bob = world.register('bob')
  eve = world.register('eve')
})

/** What became of a message, a reason or its number. */
function send(
  from: WorldUser,
  to: WorldUser | Uint8Array,
  content: NonNullable<chat.Content['content']>,
  more: Partial<SendInput> = {},
): string | number {
  const target = 'targetSeq' in content.value ? content.value.targetSeq : 0
  const entry = Entry.create({
    senderId: Buffer.from(from.userId),
    content: Content.create({ content }),
  })
  const outcome = world.outcome('sendMessage', {
    sender: from.user,
    conversation: 0,
    conversationId: to instanceof Uint8Array ? to : undefined,
    peerId: to instanceof Uint8Array ? undefined : to.userId,
    clientId: uuidv7(systemScheduler),
    digest: randomBytes(16),
    kind: kinds[content.$case] ?? 0,
    targetSeq: target,
    replyTo: 0,
    sentAtMs: world.clock.nowMs,
    entry: Entry.encode(entry).finish(),
    attachment: undefined,
    forwardOf: undefined,
    ...more,
  })
  return outcome.reason ?? outcome.answer?.seq ?? 'nothing'
}

describe('strangers', () => {
  test('may send three texts, and nothing else, until the other answers', () => {
    expect(send(ann, bob, nudge)).toBe('STRANGER_TEXT_ONLY')
    expect([1, 2, 3].map((n) => send(ann, bob, text(`${n}`)))).toEqual([1, 2, 3])
    expect(send(ann, bob, text('4'))).toBe('STRANGER_LIMIT')
  })

  test('are acquainted for good once both have written', () => {
    send(ann, bob, text('hello'))
    expect(send(bob, ann, text('hello yourself'))).toBe(2)
    for (let i = 0; i < 10; i += 1) expect(send(ann, bob, text('more'))).toBeTypeOf('number')
    expect(send(ann, bob, nudge)).toBeTypeOf('number')
    expect(send(bob, ann, nudge)).toBeTypeOf('number')
  })

  test('are refused when blocked, acquainted or not', () => {
    send(ann, bob, text('hello'))
    send(bob, ann, text('hello'))
    world.run('blockUser', { user: bob.user, otherId: ann.userId })
    expect(send(ann, bob, text('why'))).toBe('BLOCKED')
  })
})

describe('a repeated message', () => {
  test('gets the first number again, whatever has become of the entry', () => {
    const [clientId, digest] = [uuidv7(systemScheduler), randomBytes(16)]
    const once = { clientId, digest }
    expect(send(ann, bob, text('once'), once)).toBe(1)
    const id = world.send(ann, bob.userId, text('two')).conversationId
    send(ann, id, recall(1))
    expect(send(ann, bob, text('once'), once)).toBe(1)
    expect(world.log(world.conversation(id)).map((content) => content?.$case)).toEqual([
      'erased',
      'text',
      'recall',
    ])
  })

  test('with other words is a conflict, and another sender may use the same id', () => {
    const clientId = uuidv7(systemScheduler)
    expect(send(ann, bob, text('a'), { clientId })).toBe(1)
    expect(send(ann, bob, text('b'), { clientId })).toBe('ID_CONFLICT')
    expect(send(bob, ann, text('c'), { clientId })).toBe(2)
  })
})

describe('where a message goes', () => {
  test('nobody writes into a conversation of others, and it looks like no conversation', () => {
    const id = world.send(ann, bob.userId, text('between us')).conversationId
    expect(send(eve, id, text('hi'))).toBe('NOT_A_MEMBER')
    expect(send(eve, randomBytes(16), text('hi'))).toBe('NOT_A_MEMBER')
  })

  test('nobody writes to oneself, to nobody, or into a notices log', () => {
    expect(send(ann, ann, text('me'))).toBe('SELF')
    expect(send(ann, randomBytes(16), text('who'), { peerId: randomBytes(16) })).toBe(
      'USER_UNKNOWN',
    )
    const notices = world.db
      .prepare<[number], Buffer>('select public_id from conversations where id = ?')
      .pluck()
      .get(ann.notices)
    expect(send(ann, notices ?? randomBytes(16), text('x'))).toBe('READ_ONLY')
  })
})

describe('what a message is about', () => {
  let id: Uint8Array

  beforeEach(() => {
    world.befriend(ann, bob)
    id = world.send(ann, bob.userId, text('first')).conversationId
  })

  test('only the sender edits or recalls', () => {
    expect(send(bob, id, edit(1, 'not mine'))).toBe('NOT_YOURS')
    expect(send(bob, id, recall(1))).toBe('NOT_YOURS')
    expect(send(ann, id, edit(1, 'better'))).toBe(2)
    expect(send(ann, id, recall(1))).toBe(3)
    expect(send(ann, id, recall(1))).toBe('NOT_RECALLABLE')
    expect(send(ann, id, edit(1, 'again'))).toBe('NOT_EDITABLE')
  })

  test('a recall takes the words of all edits along', () => {
    send(ann, id, edit(1, 'secret'))
    send(ann, id, recall(1))
    const kept = world.log(world.conversation(id)).map((content) => content?.$case)
    expect(kept).toEqual(['erased', 'erased', 'recall'])
    const rows = world.db.prepare<[], Buffer>('select entry from messages').pluck().all()
    expect(rows.some((entry) => entry.includes('secret') || entry.includes('first'))).toBe(false)
  })

  test('an entry that does not exist cannot be edited, recalled or answered', () => {
    expect(send(ann, id, edit(9, 'x'))).toBe('NO_SUCH_ENTRY')
    expect(send(ann, id, recall(9))).toBe('NO_SUCH_ENTRY')
    expect(send(ann, id, text('reply'), { replyTo: 9 })).toBe('NO_SUCH_ENTRY')
    expect(send(ann, id, text('reply'), { replyTo: 1 })).toBe(2)
  })

  test('a second nudge within five seconds is refused', () => {
    expect(send(ann, id, nudge)).toBe(2)
    expect(send(ann, id, nudge)).toBe('TOO_SOON')
    world.clock.nowMs += 5_000
    expect(send(ann, id, nudge)).toBe(3)
  })
})

describe('attachments', () => {
  const file = {
    $case: 'file',
    value: File.create({ fileId: 'f'.repeat(26), name: 'a.txt' }),
  } as const
  const attachment = { service: 1, attachmentId: 'f'.repeat(26) } as const
  const outbox = () =>
    world.db.prepare<[], { held: number }>('select held from hold_outbox order by id').all()

  beforeEach(() => {
    world.befriend(ann, bob)
    world.befriend(bob, eve)
  })

  test('a file without a receipt that holds is refused', () => {
    expect(send(ann, bob, file)).toBe('ATTACHMENT_UNKNOWN')
  })

  test('a file is held from the same transaction on, and let go by a recall', () => {
    expect(send(ann, bob, file, { attachment })).toBe(1)
    expect(outbox()).toEqual([{ held: 1 }])
    const id = world.send(ann, bob.userId, text('x')).conversationId
    send(ann, id, recall(1))
    expect(outbox()).toEqual([{ held: 1 }, { held: 0 }])
  })

  test('who sees an entry may send it on, and nobody else', () => {
    send(ann, bob, file, { attachment })
    const id = world.send(ann, bob.userId, text('x')).conversationId
    const forwardOf = { conversationId: id, seq: 1 }
    expect(send(eve, bob, text(''), { forwardOf })).toBe('NO_SUCH_ENTRY')
    expect(send(bob, eve, text(''), { forwardOf })).toBe(1)
    expect(outbox()).toEqual([{ held: 1 }, { held: 1 }])
    const entries = world.db.prepare<[], Buffer>('select entry from messages').pluck().all()
    const last = entries.map((entry) => Entry.decode(entry)).at(-1)
    expect(last).toMatchObject({ forwarded: true, content: { content: { $case: 'file' } } })
  })

  test('what was edited is sent on with the newest words that the sender of it can see', () => {
    expect(send(ann, bob, text('frist words'))).toBe(1)
    const id = world.send(ann, bob.userId, text('x')).conversationId
    send(ann, id, edit(1, 'first words'))
    send(ann, id, edit(1, 'better words'))
    send(bob, eve, text(''), { forwardOf: { conversationId: id, seq: 1 } })
    const entries = world.db.prepare<[], Buffer>('select entry from messages').pluck().all()
    const last = entries.map((entry) => Entry.decode(entry)).at(-1)
    expect(last).toMatchObject({
      forwarded: true,
      content: { content: { $case: 'text', value: { text: 'better words' } } },
    })
  })

  test('what was recalled cannot be sent on', () => {
    send(ann, bob, file, { attachment })
    const id = world.send(ann, bob.userId, text('x')).conversationId
    send(ann, id, recall(1))
    const forwardOf = { conversationId: id, seq: 1 }
    expect(send(bob, eve, text(''), { forwardOf })).toBe('CONTENT_NOT_ALLOWED')
  })
})
