import { describe, expect, test } from 'vitest'
import { contractScene, fileOf, groupOf } from '../testing/contract-scene.ts'
import type { JournalSubject } from '../testing/contract-scene.ts'
import { buggy, bytes, commitOne, contentTo, logOf, must, textTo } from '../testing/journal-cast.ts'
import type { Command } from './journal.ts'

/** What every journal must do with messages and batches. */
export function journalWritesContract(name: string, open: () => Promise<JournalSubject>): void {
  const setup = () => contractScene(open)

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
      const { journal, another, ann } = await setup()
      const carl = await another('carl')
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
      const { journal, another, ann, direct } = await setup()
      const carl = await another('carl')
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
      const { journal, another, ann, bob, direct } = await setup()
      const carl = await another('carl')
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
}
