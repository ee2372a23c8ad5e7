import { describe, expect, test } from 'vitest'
import { helping } from '../commands/upkeep/free-dissolved.ts'
import { contractScene, fileOf, groupOf } from '../testing/contract-scene.ts'
import type { JournalSubject } from '../testing/contract-scene.ts'
import { bytes, commitOne, contentTo, must, textTo, wordsOf } from '../testing/journal-cast.ts'
import type { OutcomeOf } from './journal.ts'

/** What every journal must do with requests, questions and attachments. */
export function journalReadsContract(name: string, open: () => Promise<JournalSubject>): void {
  const setup = () => contractScene(open)

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

    test('repeating a request about a contact tells others once more to look: they may not have heard', async () => {
      const { journal, ann, bob } = await setup()
      const request = { user: ann.user, id: bytes(16), digest: bytes(16) }
      const input = { user: ann.user, otherId: bob.userId }
      const block = { name: 'blockUser' as const, input, request }
      await commitOne(journal, block)
      const again = await commitOne(journal, block)
      expect(again.duplicate).toBe(true)
      expect(again.effects).toMatchObject({ entries: [], contacts: [ann.user, bob.user] })
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
      const { journal, another, ann } = await setup()
      const request = { user: ann.user, id: bytes(16), digest: bytes(16) }
      const group = await must(journal, 'createGroup', { ...groupOf(ann), open: true })
      const carl = await another('carl')
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

    test('of a dissolved group are nowhere at once, and let go of soon after', async () => {
      const { journal, ann, bob } = await setup()
      const { conversationId } = await must(journal, 'createGroup', groupOf(ann, bob))
      const attachment = { service: 1 as const, attachmentId: 'd'.repeat(27) }
      const file = { ...contentTo(ann, { conversationId }, fileOf('d')), attachment }
      const { seq } = await must(journal, 'sendMessage', file)
      expect(await journal.ask('dissolvedGroups', { limit: 10 })).toEqual([])
      await must(journal, 'dissolveGroup', { user: ann.user, conversationId })
      const asked = { user: bob.user, conversationId, seq }
      expect(await journal.ask('attachmentOf', asked)).toBeUndefined()
      const [conversation = 0] = await journal.ask('dissolvedGroups', { limit: 10 })
      for (const _ of ['done', 'done again']) {
        expect(await must(journal, 'freeDissolved', { conversation })).toEqual({ isAll: true })
        expect(await journal.ask('dissolvedGroups', { limit: 10 })).toEqual([])
      }
      const outbox = await journal.ask('holdOutbox', { service: 1, limit: 10 })
      expect(outbox.map(({ held }) => held)).toEqual([1, 0])
      await must(journal, 'settleHolds', { outboxIds: outbox.map(({ id }) => id) })
      const found = await journal.ask('groupOf', { user: bob.user, conversationId })
      expect(found?.group.dissolved).not.toBe(0)
    })

    test('of a dissolved group go helping by helping, and cannot be sent on meanwhile', async () => {
      const { journal, ann, bob } = await setup()
      const { conversationId } = await must(journal, 'createGroup', groupOf(ann, bob))
      const attachment = { service: 1 as const, attachmentId: 'h'.repeat(27) }
      const file = () => contentTo(ann, { conversationId }, fileOf('h'))
      const files = Array.from({ length: helping + 1 }, () => ({ ...file(), attachment }))
      const [sent] = await journal.commit(
        files.map((input) => ({ name: 'sendMessage' as const, input })),
      )
      const { seq } = (sent as OutcomeOf<'sendMessage'> & { ok: true }).answer
      await must(journal, 'dissolveGroup', { user: ann.user, conversationId })
      const forwardOf = { conversationId, seq }
      const forward = textTo(bob, { peer: ann }, '', { forwardOf })
      expect(await commitOne(journal, forward)).toMatchObject({ reason: 'ATTACHMENT_UNKNOWN' })
      const [conversation = 0] = await journal.ask('dissolvedGroups', { limit: 10 })
      const free = () => must(journal, 'freeDissolved', { conversation })
      expect(await free()).toEqual({ isAll: false })
      expect(await journal.ask('dissolvedGroups', { limit: 10 })).toEqual([conversation])
      expect(await free()).toEqual({ isAll: true })
      expect(await journal.ask('dissolvedGroups', { limit: 10 })).toEqual([])
      const outbox = await journal.ask('holdOutbox', { service: 1, limit: 1_000 })
      const holdersOf = (held: number) =>
        outbox.filter((row) => row.held === held).map(({ holder }) => holder)
      expect(holdersOf(1).length).toBe(files.length)
      expect(holdersOf(0)).toEqual(holdersOf(1))
      expect(outbox.every(({ attachmentId }) => attachmentId === attachment.attachmentId)).toBe(
        true,
      )
      await must(journal, 'settleHolds', { outboxIds: outbox.map(({ id }) => id) })
    })

    test('of a refused message are not held', async () => {
      const { journal, another, ann } = await setup()
      const carl = await another('carl')
      const attachment = { service: 2 as const, attachmentId: 'b'.repeat(27) }
      const input = { ...contentTo(ann, { peer: carl }, fileOf('b')), attachment }
      expect(await commitOne(journal, { name: 'sendMessage', input })).toMatchObject({ ok: false })
      expect(await journal.ask('holdOutbox', { service: 2, limit: 10 })).toEqual([])
    })
  })
}
