import { AppError } from '@parley/errors'
import { describe, expect, test } from 'vitest'
import type { Journal } from '../store/journal.ts'
import { relaysWorld } from '../testing/relays-world.ts'

const away = () => new AppError('unavailable', 'STORE_UNAVAILABLE', 'away')
const busy = () => new AppError('exhausted', 'BUSY', 'too many questions at once')

/** What the way of one relay to the store does. */
interface Faults {
  /** Questions fail so. */
  asked: ((name: string) => AppError | undefined) | undefined
  /** What is committed is not told. */
  isSilent: boolean
}

function faulty(journal: Journal, faults: Faults): Journal {
  return {
    ...journal,
    async commit(batch) {
      const outcomes = await journal.commit(batch)
      if (faults.isSilent) throw away()
      return outcomes
    },
    ask(name, args) {
      const fault = faults.asked?.(name)
      return fault === undefined ? journal.ask(name, args) : Promise.reject(fault)
    },
  }
}

/** Ann is at relay a with her phone, and bob at relay b; the ways of both to the store may fail. */
async function setup() {
  const all: Faults[] = []
  const around = (journal: Journal) => {
    const faults: Faults = { asked: undefined, isSilent: false }
    all.push(faults)
    return faulty(journal, faults)
  }
  const world = relaysWorld({ around })
  const { a, b, done } = world
  const ann = await done(a.register('ann'))
  const bob = await done(a.register('bob'))
  await done(a.befriend(ann, bob))
  const group = await done(a.group(ann, bob))
  const annHere = a.connect(ann)
  const annPhone = a.connect(await done(a.another(ann)))
  const bobHere = b.connect(bob)
  // Just after a round, so that the next one is 5 s away.
  await world.advance(10_050 - world.scheduler.monotonic())
  const [ofA, ofB] = all as [Faults, Faults]
  return { ...world, ann, bob, group, annHere, annPhone, bobHere, ofA, ofB }
}

describe('while a relay cannot ask the store', () => {
  test.each([away, busy])(
    'a session that was given a conversation waits, and gets it afterwards (%#)',
    async (fault) => {
      const { a, ann, bob, bobHere, ofB, done, advance } = await setup()
      ofB.asked = fault
      const other = await done(a.group(ann, bob))
      await advance(3_000)
      expect([bobHere.isDestroyed, bobHere.isEnded]).toEqual([false, false])
      ofB.asked = undefined
      await advance(1_010)
      expect(bobHere.seen(other).length).toBeGreaterThan(0)
    },
  )

  test.each([away, busy])(
    'a session whose user has blocked somebody waits, and knows it afterwards (%#)',
    async (fault) => {
      const { a, b, ann, bob, annHere, bobHere, ofB, done, settle, advance } = await setup()
      annHere.send({ user: bob.userId }, 'hello')
      await settle()
      ofB.asked = fault
      await done(a.run('blockUser', { user: bob.user, otherId: ann.userId }))
      await advance(3_000)
      expect([bobHere.isDestroyed, bobHere.isEnded]).toEqual([false, false])
      ofB.asked = undefined
      await advance(1_010)
      const [session] = b.engine.hub.sessionsOf(bob.user)
      const directs = [...session!.places.values()].filter(({ kind }) => kind === 1)
      expect(directs.map(({ isBlocked }) => isBlocked)).toEqual([true])
    },
  )

  test('a round that finds a conversation ends no session', async () => {
    const { a, ann, bob, bobHere, ofB, deafen, done, advance } = await setup()
    deafen(true)
    const other = await done(a.group(ann, bob))
    ofB.asked = (name) => (name === 'sessionView' ? away() : undefined)
    await advance(5_500)
    expect([bobHere.isDestroyed, bobHere.isEnded]).toEqual([false, false])
    ofB.asked = undefined
    await advance(5_000)
    expect(bobHere.seen(other).length).toBeGreaterThan(0)
  })
})

describe('what was stored although its outcome was not told', () => {
  test('reaches sessions at the same relay within a second of when the store answers again', async () => {
    const { annHere, annPhone, group, ofA, advance } = await setup()
    Object.assign(ofA, { isSilent: true, asked: away })
    annHere.send(group, 'stored')
    await advance(2_000)
    expect(annHere.of('unresolved').length).toBe(1)
    expect(annPhone.seen(group).at(-1)).toBe('2 membership')
    Object.assign(ofA, { isSilent: false, asked: undefined })
    await advance(1_000)
    expect(annPhone.seen(group).at(-1)).toBe('3 stored')
    expect(annHere.seen(group).at(-1)).toBe('3 stored')
  })
})
