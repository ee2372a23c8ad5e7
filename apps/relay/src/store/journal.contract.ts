import { describe, expect, onTestFinished, test } from 'vitest'
import {
  befriended,
  buggy,
  bytes,
  commitOne,
  contentTo,
  logOf,
  must,
  registered,
  textTo,
  wordsOf,
} from '../testing/journal-cast.ts'
import type { CastUser } from '../testing/journal-cast.ts'
import type { Command, Journal } from './journal.ts'

/** A journal of one kind, and the commands of it that have failed. */
export interface JournalSubject {
  readonly journal: Journal
  readonly failed: readonly string[]
}

/** What every adapter of the port must do. */
export function journalContract(name: string, open: () => Promise<JournalSubject>): void {
  async function setup() {
    const { journal, failed } = await open()
    onTestFinished(() => journal.close())
    const ann = await registered(journal, 'ann')
    const bob = await registered(journal, 'bob')
    await befriended(journal, ann, bob)
    const first = await must(journal, 'sendMessage', textTo(ann, { peer: bob }, 'first').input)
    const delivered = async (user: CastUser) => {
      const rows = await journal.ask('sessionView', user)
      return rows.find((row) => row.conversation === first.conversation)?.delivered
    }
    return { journal, failed, ann, bob, direct: first.conversation, first, delivered }
  }

  describe(`${name} keeps the contract of a journal: messages`, () => {
    test('have dense numbers, over all batches and senders', async () => {
      const { journal, ann, bob, direct } = await setup()
      for (let size = 1; size < 30; size += 7) {
        await journal.commit(
          Array.from({ length: size }, (_, i) =>
            i % 2 === 0 ? textTo(ann, { peer: bob }, `a${i}`) : textTo(bob, { peer: ann }, `b${i}`),
          ),
        )
      }
      const outcome = await must(journal, 'sendMessage', textTo(ann, { peer: bob }, 'last').input)
      expect(outcome.seq).toBe(1 + 1 + 8 + 15 + 22 + 29 + 1)
      expect((await logOf(journal, direct)).length).toBe(outcome.seq)
    })

    test('are stored once: a repetition gets the same answer, in the same batch or later', async () => {
      const { journal, ann, bob, direct } = await setup()
      const message = textTo(ann, { peer: bob }, 'once')
      const outcomes = await journal.commit([message, message])
      const later = await commitOne(journal, message)
      expect([...outcomes, later]).toMatchObject([
        { ok: true, duplicate: false, answer: { seq: 2, conversation: direct } },
        { ok: true, duplicate: true, answer: { seq: 2, conversation: direct } },
        { ok: true, duplicate: true, answer: { seq: 2, conversation: direct } },
      ])
      expect(later.effects).toMatchObject({ entries: [], stays: [], ended: [] })
      expect(await logOf(journal, direct)).toEqual(['first', 'once'])
    })

    test('under the same id but of another sender are others', async () => {
      const { journal, ann, bob, direct } = await setup()
      const mine = textTo(ann, { peer: bob }, 'mine')
      const yours = textTo(bob, { peer: ann }, 'yours', { clientId: mine.input.clientId })
      await journal.commit([mine, yours])
      expect(await logOf(journal, direct)).toEqual(['first', 'mine', 'yours'])
    })

    test('under the same id with other words are a conflict, and nothing is stored', async () => {
      const { journal, ann, bob, direct } = await setup()
      const one = textTo(ann, { peer: bob }, 'one')
      const { clientId } = one.input
      const other = textTo(ann, { peer: bob }, 'other', { clientId, digest: bytes(16) })
      const outcomes = await journal.commit([one, other])
      expect(outcomes[1]).toMatchObject({ ok: false, reason: 'ID_CONFLICT' })
      expect(await logOf(journal, direct)).toEqual(['first', 'one'])
    })

    test('keep their number and their place when they are recalled, but not their words', async () => {
      const { journal, ann, bob, direct } = await setup()
      const regretted = textTo(ann, { peer: bob }, 'regretted')
      const { seq } = await must(journal, 'sendMessage', regretted.input)
      const recall = contentTo(ann, { peer: bob }, { $case: 'recall', value: { targetSeq: seq } })
      await must(journal, 'sendMessage', recall)
      expect(await logOf(journal, direct)).toEqual(['first', 'erased', 'recall'])
      expect(await commitOne(journal, regretted)).toMatchObject({
        ok: true,
        duplicate: true,
        answer: { seq },
      })
    })

    test('tell what others must hear: the entry, and the stays of a new conversation', async () => {
      const { journal, ann } = await setup()
      const carl = await registered(journal, 'carl')
      const message = textTo(ann, { peer: carl }, 'hello')
      const { effects } = await commitOne(journal, message)
      expect(effects?.entries).toMatchObject([{ seq: 1, sender: ann.user }])
      expect(Buffer.compare(effects!.entries[0]!.entry, message.input.entry)).toBe(0)
      expect(effects?.stays).toMatchObject([
        { user: ann.user, joinedSeq: 1, leftSeq: 0 },
        { user: carl.user, joinedSeq: 1, leftSeq: 0 },
      ])
    })
  })

  describe(`${name} keeps the contract of a journal: batches`, () => {
    test('one command that fails harms no other, and leaves nothing of itself', async () => {
      const { journal, failed, ann, bob, direct, delivered } = await setup()
      const batch: Command[] = [
        textTo(ann, { peer: bob }, 'before'),
        buggy(bob, direct),
        textTo(ann, { peer: bob }, 'between'),
        buggy(bob, direct),
        textTo(bob, { peer: ann }, 'after'),
      ]
      const outcomes = await journal.commit(batch)
      expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, false, true, false, true])
      expect(outcomes[1]).toMatchObject({ reason: 'INTERNAL' })
      expect(failed).toEqual(['ackCursors', 'ackCursors'])
      expect(await logOf(journal, direct)).toEqual(['first', 'before', 'between', 'after'])
      expect(outcomes.map((outcome) => outcome.ok && outcome.effects.entries.length)).toEqual([
        1,
        false,
        1,
        false,
        1,
      ])
      expect(await delivered(bob)).toBe(0)
    })

    test('a conversation made in a batch that is undone and repeated is made once', async () => {
      const { journal, ann, direct } = await setup()
      const carl = await registered(journal, 'carl')
      const outcomes = await journal.commit([
        textTo(ann, { peer: carl }, 'one'),
        buggy(carl, direct),
        textTo(ann, { peer: carl }, 'two'),
      ])
      const { conversation } = (outcomes[0] as { answer: { conversation: number } }).answer
      expect(outcomes[2]).toMatchObject({ ok: true, answer: { conversation, seq: 2 } })
      expect(await logOf(journal, conversation)).toEqual(['one', 'two'])
    })

    test('refusals store nothing and leave no hole in the numbers', async () => {
      const { journal, ann, bob, direct } = await setup()
      const carl = await registered(journal, 'carl')
      const conversationId = (await journal.ask('sessionView', ann)).find(
        (row) => row.conversation === direct,
      )!.publicId
      const outcomes = await journal.commit([
        textTo(carl, { conversationId }, 'stranger'),
        textTo(ann, { peer: bob }, 'fine'),
        textTo(ann, { peer: ann }, 'myself'),
        { name: 'sendMessage', input: contentTo(carl, { peer: bob }, fileOf('x')) },
        textTo(ann, { peer: bob }, 'fine too'),
      ])
      expect(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.reason))).toEqual([
        'NOT_A_MEMBER',
        'ok',
        'SELF',
        'STRANGER_TEXT_ONLY',
        'ok',
      ])
      expect(await logOf(journal, direct)).toEqual(['first', 'fine', 'fine too'])
      expect((await journal.ask('sessionView', carl)).length).toBe(1)
    })

    test('a later command sees what an earlier one of the same batch has changed', async () => {
      const { journal, ann, bob } = await setup()
      const { conversationId } = await must(journal, 'createGroup', groupOf(ann, bob))
      const remove = { user: ann.user, conversationId, otherId: bob.userId }
      const outcomes = await journal.commit([
        textTo(bob, { conversationId }, 'still in'),
        { name: 'removeMember', input: remove },
        textTo(bob, { conversationId }, 'out'),
      ])
      expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, true, false])
    })
  })

  describe(`${name} keeps the contract of a journal: requests`, () => {
    test('repeating a request id repeats the answer and does nothing again', async () => {
      const { journal, ann, bob } = await setup()
      const request = { user: ann.user, id: bytes(16), digest: bytes(16) }
      const command = { name: 'createGroup' as const, input: groupOf(ann, bob), request }
      const first = await commitOne(journal, command)
      const again = await commitOne(journal, command)
      expect(again).toMatchObject({ ok: true, duplicate: true })
      expect(again.answer).toEqual(first.answer)
      expect(again.effects?.entries).toEqual([])
      const groups = (await journal.ask('sessionView', ann)).filter(({ kind }) => kind === 2)
      expect(groups.length).toBe(1)
    })

    test('the same id with another digest is a conflict; of another user it is another', async () => {
      const { journal, ann, bob } = await setup()
      const request = { user: ann.user, id: bytes(16), digest: bytes(16) }
      const name = 'createGroup' as const
      await commitOne(journal, { name, input: groupOf(ann), request })
      const digest = bytes(16)
      const other = await commitOne(journal, {
        name,
        input: groupOf(ann, bob),
        request: { ...request, digest },
      })
      expect(other).toMatchObject({ ok: false, reason: 'ID_CONFLICT' })
      const theirs = { ...request, user: bob.user, digest }
      const bobs = await commitOne(journal, { name, input: groupOf(bob), request: theirs })
      expect(bobs).toMatchObject({ ok: true, duplicate: false })
    })

    test('a refusal is not kept: the same request may succeed later', async () => {
      const { journal, ann } = await setup()
      const request = { user: ann.user, id: bytes(16), digest: bytes(16) }
      const group = await must(journal, 'createGroup', { ...groupOf(ann), open: true })
      const carl = await registered(journal, 'carl')
      const input = { user: ann.user, conversationId: group.conversationId, otherId: carl.userId }
      const command = { name: 'removeMember' as const, input, request }
      expect(await commitOne(journal, command)).toMatchObject({ reason: 'NOT_A_MEMBER' })
      const { conversationId } = group
      await must(journal, 'joinGroup', { user: carl.user, conversationId })
      expect(await commitOne(journal, command)).toMatchObject({ ok: true, duplicate: false })
    })
  })

  describe(`${name} keeps the contract of a journal: reading`, () => {
    test('a log is read from one number to another, at least one entry at a time', async () => {
      const { journal, ann, bob, direct } = await setup()
      const texts = Array.from({ length: 9 }, (_, i) => `${i} ${'x'.repeat(1_000)}`)
      await journal.commit(texts.map((text) => textTo(ann, { peer: bob }, text)))
      const read = async (from: number, to: number, maxBytes: number) => {
        const run = await journal.readLog(direct, from, to, maxBytes)
        expect(wordsOf(run.packed).length).toBe(run.count)
        return [run.firstSeq, run.count]
      }
      expect(await read(1, 10, 1e6)).toEqual([1, 10])
      expect(await read(3, 5, 1e6)).toEqual([3, 3])
      expect(await read(9, 99, 1e6)).toEqual([9, 2])
      expect(await read(2, 10, 3_500)).toEqual([2, 3])
      expect(await read(2, 10, 1)).toEqual([2, 1])
      expect(await read(11, 20, 1e6)).toEqual([11, 0])
      expect(await read(5, 4, 1e6)).toEqual([5, 0])
    })

    test('what was committed is read at once', async () => {
      const { journal, ann, bob, direct } = await setup()
      for (let i = 2; i < 30; i += 1) {
        await must(journal, 'sendMessage', textTo(ann, { peer: bob }, `t${i}`).input)
        expect((await journal.readLog(direct, i, i, 1e6)).count).toBe(1)
      }
    })

    test('a user sees its stays and what lies in them', async () => {
      const { journal, ann, bob } = await setup()
      const { conversationId } = await must(journal, 'createGroup', {
        ...groupOf(ann, bob),
        open: true,
      })
      const membership = { user: bob.user, conversationId }
      await must(journal, 'leaveGroup', membership)
      await must(journal, 'sendMessage', textTo(ann, { conversationId }, 'unseen').input)
      await must(journal, 'joinGroup', membership)
      const rows = await journal.ask('sessionView', bob)
      const stays = rows.filter(({ kind }) => kind === 2)
      expect(stays).toMatchObject([
        { joinedSeq: 2, leftSeq: 3, head: 5 },
        { joinedSeq: 5, leftSeq: 0, head: 5 },
      ])
      const seen = async (seq: number) =>
        (await commitOne(journal, textTo(bob, { conversationId }, 're', { replyTo: seq }))).ok
      expect([await seen(1), await seen(3), await seen(4), await seen(5)]).toEqual([
        false,
        true,
        false,
        true,
      ])
    })

    test('cursors of devices and marks of readers only move forward', async () => {
      const { journal, ann, bob, direct, first, delivered } = await setup()
      for (const text of ['b', 'c']) {
        await must(journal, 'sendMessage', textTo(ann, { peer: bob }, text).input)
      }
      const ack = (seq: number) => must(journal, 'ackCursors', { marks: [bob.device, direct, seq] })
      await ack(2)
      await ack(1)
      expect(await delivered(bob)).toBe(2)
      await ack(3)
      expect(await delivered(bob)).toBe(3)
      expect(await delivered(ann)).toBe(0)
      const { conversationId } = first
      const read = (seq: number) =>
        must(journal, 'readUpTo', { user: bob.user, conversationId, seq })
      expect([await read(2), await read(1), await read(2), await read(99)]).toMatchObject([
        { seq: 2, moved: true },
        { moved: false },
        { moved: false },
        { seq: 3, moved: true },
      ])
    })
  })

  describe(`${name} keeps the contract of a journal: attachments`, () => {
    test('are held in the transaction of their entry, and released in that of its recall', async () => {
      const { journal, ann, bob } = await setup()
      const attachment = { service: 1 as const, attachmentId: 'a'.repeat(27) }
      const file = { ...contentTo(ann, { peer: bob }, fileOf(attachment.attachmentId)), attachment }
      const { seq, conversationId } = await must(journal, 'sendMessage', file)
      const asked = { user: bob.user, conversationId, seq }
      expect(await journal.ask('attachmentOf', asked)).toEqual(attachment)
      const recall = contentTo(ann, { peer: bob }, { $case: 'recall', value: { targetSeq: seq } })
      await must(journal, 'sendMessage', recall)
      expect(await journal.ask('attachmentOf', asked)).toBeUndefined()
      const outbox = await journal.ask('holdOutbox', { service: 1, limit: 10 })
      expect(outbox.map(({ attachmentId, held }) => [attachmentId, held])).toEqual([
        [attachment.attachmentId, 1],
        [attachment.attachmentId, 0],
      ])
      expect(new Set(outbox.map(({ holder }) => holder)).size).toBe(1)
      await must(journal, 'settleHolds', { outboxIds: outbox.map(({ id }) => id) })
      expect(await journal.ask('holdOutbox', { service: 1, limit: 10 })).toEqual([])
    })

    test('of a refused message are not held', async () => {
      const { journal, ann } = await setup()
      const carl = await registered(journal, 'carl')
      const attachment = { service: 2 as const, attachmentId: 'b'.repeat(27) }
      const input = { ...contentTo(ann, { peer: carl }, fileOf('b')), attachment }
      expect(await commitOne(journal, { name: 'sendMessage', input })).toMatchObject({ ok: false })
      expect(await journal.ask('holdOutbox', { service: 2, limit: 10 })).toEqual([])
    })
  })
}

function fileOf(fileId: string) {
  const facts = { size: 1, digest: Buffer.alloc(32), mediaType: 'text/plain' }
  return { $case: 'file' as const, value: { fileId, name: 'a.txt', ...facts } }
}

function groupOf(owner: CastUser, ...members: readonly CastUser[]) {
  const userIds = members.map(({ userId }) => userId)
  return { user: owner.user, title: 'a group', open: false, userIds }
}
