import { eventually } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { JournalSubject } from '../testing/contract-scene.ts'
import { must, registered } from '../testing/journal-cast.ts'
import { deviceLease } from './chore-rows.ts'
import { keyKeptMs, maxSigningKeys } from './queries/signing-keys.ts'

/** What every journal must do for relays that share it. */
export function journalLeasesContract(name: string, open: () => Promise<JournalSubject>): void {
  const setup = async () => {
    const { journal } = await open()
    const take = (holder: string, forMs: number, lease = 'chores') =>
      must(journal, 'takeLease', { name: lease, holder, forMs })
    return { journal, take }
  }

  describe(`${name} keeps the contract of a journal: leases`, () => {
    test('are of one holder, who may renew them and let them go', async () => {
      const { take } = await setup()
      expect(await take('a', 60_000)).toBe(true)
      expect(await take('b', 60_000)).toBe(false)
      expect(await take('a', 60_000)).toBe(true)
      expect(await take('b', 60_000, 'another')).toBe(true)
      expect(await take('b', 0)).toBe(false)
      expect(await take('a', 0)).toBe(true)
      expect(await take('b', 60_000)).toBe(true)
      expect(await take('a', 60_000)).toBe(false)
    })

    test('of a device go with it, and no other', async () => {
      const { journal, take } = await setup()
      const [one, other] = [
        await registered(journal, 'leaser1'),
        await registered(journal, 'leaser2'),
      ]
      const names = [deviceLease(one.device), deviceLease(other.device)]
      for (const lease of names) await take('a session', 0, lease)
      const held = async () =>
        (await journal.ask('leaseHolders', { names })).map((each) => each.name).toSorted()
      expect(await held()).toEqual(names.toSorted())
      const { user, deviceId } = one
      await must(journal, 'revokeDevice', { user, deviceId })
      expect(await held()).toEqual(names.slice(1))
    })
  })

  describe(`${name} keeps the contract of a journal: signing keys`, () => {
    test('are told by issuer while they are in use, each once', async () => {
      const { journal } = await setup()
      const publish = (kid: string, issuer = 'relay') =>
        must(journal, 'publishKey', { kid, issuer, publicJwk: `{"kid":"${kid}"}` })
      for (const kid of ['k1', 'k2', 'k1']) await publish(kid)
      await publish('k3', 'other')
      const keys = async (nowMs: number) =>
        (await journal.ask('signingKeys', { issuer: 'relay', nowMs })).toSorted()
      expect(await keys(Date.now())).toEqual(['{"kid":"k1"}', '{"kid":"k2"}'])
      expect(await keys(Date.now() + keyKeptMs + 60_000)).toEqual([])
      const many = Array.from({ length: 70 }, (_, index) => ({
        name: 'publishKey' as const,
        input: { kid: `many ${index}`, issuer: 'relay', publicJwk: `"${index}"` },
      }))
      await journal.commit(many)
      expect(await keys(Date.now())).toHaveLength(maxSigningKeys)
    })
  })
}

/** The same of a journal that lives by the clock of the machine. */
export function leaseTimesContract(name: string, open: () => Promise<JournalSubject>): void {
  test(`${name} gives a lease to another when its time is over`, async () => {
    const { journal } = await open()
    onTestFinished(() => journal.close())
    const take = (holder: string, forMs: number) =>
      must(journal, 'takeLease', { name: 'chores', holder, forMs })
    const [leaseMs, beganMs] = [1_000, performance.now()]
    expect(await take('a', leaseMs)).toBe(true)
    const taken = () => take('b', leaseMs)
    await eventually(async () => expect(await taken()).toBe(true), { timeoutMs: 15_000 })
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(leaseMs - 50)
  }, 30_000)
}
