import { describe, expect, test } from 'vitest'
import { relaysWorld } from '../testing/relays-world.ts'
import { maxFirstLooks, Standings } from './standings.ts'

/** Ann at relay a and bob at relay b write to each other; bob is in a group of ann's. */
async function setup() {
  const world = relaysWorld()
  const { a, b, done, settle, advance } = world
  const ann = await done(a.register('ann'))
  const bob = await done(a.register('bob'))
  await done(a.befriend(ann, bob))
  const group = await done(a.group(ann, bob))
  const annHere = a.connect(ann)
  b.connect(bob)
  annHere.send({ user: bob.userId }, 'hello')
  await settle()
  // Everybody here has been looked at.
  await advance(20_050 - world.scheduler.monotonic())
  const block = () => a.run('blockUser', { user: bob.user, otherId: ann.userId })
  const blocked = () => {
    const [session] = b.engine.hub.sessionsOf(bob.user)
    return [...session!.places.values()].some((place) => place.kind === 1 && place.isBlocked)
  }
  return { ...world, ann, bob, group, block, blocked }
}

describe('a relay that is not told', () => {
  test('knows within 10 s whom a user has blocked, and whom not any more', async () => {
    const { a, ann, bob, block, blocked, deafen, done, advance } = await setup()
    deafen(true)
    await done(block())
    expect(blocked()).toBe(false)
    await advance(10_100)
    expect(blocked()).toBe(true)
    await done(a.run('unblockUser', { user: bob.user, otherId: ann.userId }))
    await advance(10_100)
    expect(blocked()).toBe(false)
  })

  test('knows it of a session that came just before, too', async () => {
    const { b, bob, block, blocked, deafen, done, settle, advance } = await setup()
    for (const session of b.engine.hub.sessions) b.engine.hub.remove(session, true)
    await advance(10_000)
    b.connect(bob)
    await settle()
    deafen(true)
    await done(block())
    await advance(10_100)
    expect(blocked()).toBe(true)
  })
})

describe('what users are to others', () => {
  /** Compares twice, so that all are looked at. */
  async function looks(world: Awaited<ReturnType<typeof setup>>, users: readonly number[]) {
    const found: string[] = []
    const standings = new Standings({
      journal: world.journal,
      users: () => users,
      contactsChanged: (user) => found.push(`contacts of ${user}`),
      visibilityChanged: (user) => found.push(`stays of ${user}`),
    })
    return async () => {
      found.length = 0
      for (let half = 0; half < 2; half += 1) await world.done(standings.compare())
      return found.toSorted()
    }
  }

  test('is looked at once when they come, and then only when it has changed', async () => {
    const world = await setup()
    const { a, ann, bob, group, block, done } = world
    const look = await looks(world, [ann.user, bob.user])
    expect(await look()).toEqual([`contacts of ${ann.user}`, `contacts of ${bob.user}`])
    expect(await look()).toEqual([])
    await done(a.run('leaveGroup', { user: bob.user, conversationId: group }))
    expect(await look()).toEqual([`stays of ${bob.user}`])
    await done(block())
    expect(await look()).toEqual([`contacts of ${bob.user}`])
  })

  test('is looked at in several rounds when very many come at once', async () => {
    const world = await setup()
    const users = Array.from({ length: 2 * maxFirstLooks + 100 }, (_, i) => 2 * i + 1)
    const look = await looks(world, users)
    expect((await look()).length).toBe(maxFirstLooks)
    expect((await look()).length).toBe(maxFirstLooks)
    expect((await look()).length).toBe(100)
    expect(await look()).toEqual([])
  })
})
