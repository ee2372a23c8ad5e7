import { describe, expect, test } from 'vitest'
import type { JournalSubject } from '../testing/contract-scene.ts'
import { commitOne, must } from '../testing/journal-cast.ts'
import type { NewUpgrade } from './upgrade-rows.ts'

/** What every journal must do with published packages. */
export function journalUpgradesContract(name: string, open: () => Promise<JournalSubject>): void {
  const upgradeOf = (change: Partial<NewUpgrade> = {}): NewUpgrade => ({
    channel: 'stable',
    platform: 'linux-x64',
    version: '1.0.0',
    minVersion: '0.9.0',
    fileId: 'file-1',
    manifest: new Uint8Array([0, 255, 1]),
    signature: new Uint8Array(64).fill(7),
    keyId: '0123456789abcdef',
    publishedAtMs: 1,
    ...change,
  })

  describe(`${name} keeps the contract of a journal: upgrades`, () => {
    test('the newest of a place is told as it was signed, the newest three are held', async () => {
      const { journal } = await open()
      const place = { channel: 'stable', platform: `x-${Math.random()}` }
      for (const n of [1, 2, 3, 4]) {
        const named = { version: `${n}.0.0`, fileId: `${place.platform} ${n}`, publishedAtMs: n }
        await must(journal, 'publishUpgrade', upgradeOf({ ...place, ...named, keyId: `key ${n}` }))
      }
      const found = await journal.ask('upgradeOf', place)
      expect(found?.keyId).toBe('key 4')
      expect([...(found?.manifest ?? [])]).toEqual([0, 255, 1])
      expect([...(found?.signature ?? [])]).toEqual(Array.from({ length: 64 }, () => 7))
      const published = await Promise.all(
        [1, 2, 3, 4].map((n) => journal.ask('isPublished', { fileId: `${place.platform} ${n}` })),
      )
      expect(published).toEqual([false, true, true, true])
      const outbox = await journal.ask('holdOutbox', { service: 1, limit: 500 })
      const told = outbox.filter(({ attachmentId }) => attachmentId.startsWith(place.platform))
      expect(told.map(({ attachmentId, held }) => `${attachmentId.at(-1)} ${held}`)).toEqual([
        '1 1',
        '2 1',
        '3 1',
        '4 1',
        '1 0',
      ])
      const [first, last] = [told[0], told.at(-1)]
      expect(first?.holder).toBe(last?.holder)
      expect(new Set(told.map(({ holder }) => holder)).size).toBe(4)
    })

    test('one file may be published for two platforms, and each holds it', async () => {
      const { journal } = await open()
      const fileId = `shared ${Math.random()}`
      for (const platform of ['a', 'b']) {
        const named = { platform: `${fileId} ${platform}`, fileId }
        await must(journal, 'publishUpgrade', upgradeOf(named))
      }
      const outbox = await journal.ask('holdOutbox', { service: 1, limit: 500 })
      const holders = outbox.filter(({ attachmentId }) => attachmentId === fileId)
      expect(new Set(holders.map(({ holder }) => holder)).size).toBe(2)
    })

    test('a version is published once, and nothing that is dated before what is there', async () => {
      const { journal } = await open()
      const place = { channel: 'beta', platform: `x-${Math.random()}` }
      const publish = async (version: string, publishedAtMs: number) => {
        const input = upgradeOf({ ...place, version, publishedAtMs })
        const { ok, reason } = await commitOne(journal, { name: 'publishUpgrade', input })
        return ok ? 'published' : reason
      }
      expect(await publish('1.0.0', 10)).toBe('published')
      expect(await publish('1.0.0', 20)).toBe('VERSION_PUBLISHED')
      expect(await publish('1.1.0', 10)).toBe('PUBLISHED_LATER')
      expect(await publish('0.9.9', 11)).toBe('published')
      const current = await journal.ask('currentUpgrades', null)
      const mine = current.filter(({ platform }) => platform === place.platform)
      expect(mine).toEqual([{ ...place, version: '0.9.9', minVersion: '0.9.0' }])
    })

    // Last, for it fills what all tests of the journal share.
    test('of so many places there are packages, and no more', async () => {
      const { journal } = await open()
      const places = new Set((await journal.ask('currentUpgrades', null)).map(placeOf))
      const tried = Array.from({ length: 70 }, (_, n) =>
        upgradeOf({ channel: 'many', platform: `${n}` }),
      )
      const outcomes = await journal.commit(
        tried.map((input) => ({ name: 'publishUpgrade' as const, input })),
      )
      const refused = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.reason]))
      expect(new Set(refused)).toEqual(new Set(['UPGRADES_FULL']))
      expect(refused.length).toBe(70 - (64 - places.size))
      await must(
        journal,
        'publishUpgrade',
        upgradeOf({ channel: 'many', platform: '0', version: '2.0.0', publishedAtMs: 2 }),
      )
    })
  })
}

function placeOf({ channel, platform }: { channel: string; platform: string }): string {
  return `${channel} ${platform}`
}
