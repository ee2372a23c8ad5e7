import { describe, expect, test } from 'vitest'
import { contractScene, groupOf } from '../testing/contract-scene.ts'
import type { JournalSubject } from '../testing/contract-scene.ts'
import { bytes, commitOne, must } from '../testing/journal-cast.ts'
import type { PictureRow } from './picture-rows.ts'

/** What every journal must do with pictures. */
export function journalPicturesContract(name: string, open: () => Promise<JournalSubject>): void {
  const setup = () => contractScene(open)
  const picture = (letter: string) => {
    const facts = { width: 65_535, height: 1, thumbhash: bytes(21) }
    return { imageId: letter.repeat(27), digest: bytes(32), ...facts }
  }

  describe(`${name} keeps the contract of a journal: pictures`, () => {
    test('of a user are replaced with their holds, in the order in which it happened', async () => {
      const { journal, ann, bob } = await setup()
      const { user } = ann
      const [first, second] = [picture('a'), picture('b')]
      const set = (next: typeof first | undefined) => {
        return { name: 'setProfilePicture' as const, input: { user, picture: next } }
      }
      const [changed, same] = await journal.commit([set(first), set(first), set(second)])
      expect(changed).toMatchObject({ ok: true, effects: { profiles: [user] } })
      expect(same).toMatchObject({ ok: true, effects: { profiles: [] } })
      const asked = { user: bob.user, of: 1, ownerId: ann.userId } as const
      expect(await journal.ask('visiblePicture', asked)).toMatchObject({
        imageId: second.imageId,
        width: 65_535,
        height: 1,
      })
      const profile = await journal.ask('profileOf', { userId: ann.userId })
      expect(inHex(profile?.picture)).toEqual(inHex(second))
      await must(journal, 'setProfilePicture', { user, picture: undefined })
      expect(await journal.ask('visiblePicture', asked)).toBeUndefined()
      const outbox = await journal.ask('holdOutbox', { service: 2, limit: 10 })
      expect(outbox.map(({ attachmentId, held }) => [attachmentId[0], held])).toEqual([
        ['a', 1],
        ['a', 0],
        ['b', 1],
        ['b', 0],
      ])
      const [held, freed, ...later] = outbox.map(({ holder }) => holder)
      expect(freed).toBe(held)
      expect(new Set(later).size).toBe(1)
      expect(later).not.toContain(held)
      await must(journal, 'settleHolds', { outboxIds: outbox.map(({ id }) => id) })
    })

    test('of a group are told to its log, and let go with it', async () => {
      const { journal, ann, bob } = await setup()
      const { conversationId } = await must(journal, 'createGroup', groupOf(ann, bob))
      const one = picture('c')
      const input = { user: ann.user, conversationId, picture: one }
      const { effects } = await commitOne(journal, { name: 'setGroupPicture', input })
      expect(effects?.entries).toHaveLength(1)
      const again = await commitOne(journal, { name: 'setGroupPicture', input })
      expect(again).toMatchObject({ ok: true, effects: { entries: [] } })
      const refused = { ...input, user: bob.user, picture: undefined }
      expect(await commitOne(journal, { name: 'setGroupPicture', input: refused })).toMatchObject({
        reason: 'ADMINS_ONLY',
      })
      const asked = { user: bob.user, conversationId }
      const before = await journal.ask('groupOf', asked)
      expect(inHex(before?.group.picture)).toEqual(inHex(one))
      await must(journal, 'dissolveGroup', { user: ann.user, conversationId })
      const group = await journal.ask('groupOf', asked)
      expect(group?.group.picture).toBeUndefined()
      const outbox = await journal.ask('holdOutbox', { service: 2, limit: 10 })
      expect(outbox.map(({ held }) => held)).toEqual([1, 0])
      await must(journal, 'settleHolds', { outboxIds: outbox.map(({ id }) => id) })
    })
  })
}

// Bytes are a Buffer here and a Uint8Array there.
function inHex(picture: PictureRow | undefined) {
  const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex')
  return { ...picture, digest: hex(picture?.digest), thumbhash: hex(picture?.thumbhash) }
}
