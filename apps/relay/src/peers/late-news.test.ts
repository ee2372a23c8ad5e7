import { describe, expect, test } from 'vitest'
import type { Session } from '../session/session.ts'
import { noEffects } from '../store/journal.ts'
import { relaysWorld } from '../testing/relays-world.ts'

/**
 * Bob and ann's phone are at relay b, which hears nothing while bob is removed at relay a, is let in
 * again, and ann writes on: bob may see 3, 5 and 6.
 */
async function setup() {
  const world = relaysWorld()
  const { a, b, done, deafen, advance } = world
  const ann = await done(a.register('ann'))
  const bob = await done(a.register('bob'))
  await done(a.befriend(ann, bob))
  const group = await done(a.group(ann, bob))
  const annHere = a.connect(ann)
  const bobHere = b.connect(bob)
  b.connect(await done(a.another(ann)))
  // Just after a round, so that the next one is 5 s away.
  await advance(10_050 - world.scheduler.monotonic())
  const [session] = b.engine.hub.sessionsOf(bob.user) as Set<Session>
  const { conversation } = session!.placesById.get(group.toString('latin1'))!
  deafen(true)
  const membership = { user: bob.user, conversationId: group }
  await done(a.run('leaveGroup', membership))
  annHere.send(group, 'without bob')
  await world.settle()
  await done(a.run('joinGroup', membership))
  annHere.send(group, 'with bob')
  await world.settle()
  deafen(false)
  const end = { conversation, user: bob.user, joinedSeq: 2, leftSeq: 3 }
  const tellEnd = () => b.engine.hub.apply({ ...noEffects, stays: [end] }, undefined)
  const seen = () => bobHere.seen(group).filter((line) => Number.parseInt(line, 10) > 2)
  return { ...world, annHere, group, conversation, tellEnd, seen }
}

describe('a member who has left and returned elsewhere', () => {
  test('hears of what is written although the end of the first stay is told after the return', async () => {
    const { annHere, group, tellEnd, seen, settle, advance } = await setup()
    await advance(5_000)
    expect(seen().at(-1)).toBe('6 with bob')
    tellEnd()
    annHere.send(group, 'and on')
    await settle()
    expect(seen().at(-1)).toBe('7 and on')
  })

  test('is followed again within 5 s, whatever has ended it here', async () => {
    const { b, annHere, group, conversation, seen, settle, advance } = await setup()
    await advance(5_000)
    for (const session of b.engine.hub.following(conversation)) {
      b.engine.hub.unfollow(session, conversation)
    }
    annHere.send(group, 'unheard')
    await settle()
    expect(seen().at(-1)).toBe('6 with bob')
    await advance(5_000)
    expect(seen().at(-1)).toBe('7 unheard')
  })

  test('gets everything when the return is found while others here were told of more', async () => {
    const { b, conversation, tellEnd, seen, settle } = await setup()
    tellEnd()
    b.engine.hub.heard(conversation, 6)
    await settle()
    expect(seen()).toEqual(['3 membership', '5 membership', '6 with bob'])
  })
})
