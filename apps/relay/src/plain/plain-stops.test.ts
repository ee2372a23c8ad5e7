import { expect, test } from 'vitest'
import { plainWorld } from '../testing/plain-world.ts'

/** Ann speaks Parley's own protocol, bob a plain dialect. */
async function setup() {
  const world = plainWorld()
  const [ann, bob] = [await world.register('ann'), await world.register('bob')]
  await world.befriend(ann, bob)
  const annHere = world.connect(ann)
  await world.settle()
  const say = async (...texts: readonly string[]) => {
    for (const text of texts) annHere.send({ user: bob.userId }, text)
    await world.settle()
  }
  return { world, bob, say }
}

test('a plain client is let go by a relay that stops, after its texts are answered, and nothing more is read', async () => {
  const { world, bob } = await setup()
  const { client, session } = await world.plain(bob)
  const said = session.say('ann', 'before the end').then(() => client.ending)
  world.connections.goAway(10_000)
  expect(await world.done(said)).toBeUndefined()
  expect(client.isPaused).toBe(true)
  await world.settle()
  expect(client.ending).toMatchObject({ reason: 'GOING_AWAY' })
})

test('a plain client is let go by a relay that stops, after it has taken what it was shown, and is not shown it again', async () => {
  const { world, bob, say } = await setup()
  const { client } = await world.plain(bob)
  client.stopReading()
  await say('one', 'two')
  world.connections.goAway(10_000)
  await world.settle()
  await say('three')
  client.read(1, false)
  await world.settle()
  expect(client.ending).toBeUndefined()
  client.read()
  await world.settle()
  expect(client.ending).toMatchObject({ reason: 'GOING_AWAY' })
  expect(client.lines.filter((line) => line.startsWith('ann'))).toEqual([
    'ann -> bob: one',
    'ann -> bob: two',
  ])
  const second = await world.plain(bob)
  expect(second.client.lines).toEqual(['ann -> bob: three'])
})

test('a plain client that reads nothing is sent away when a stopping relay waits no longer, and is shown it again', async () => {
  const { world, bob, say } = await setup()
  const { client } = await world.plain(bob)
  client.stopReading()
  await say('one')
  world.connections.goAway(10_000)
  await world.settle()
  expect(client.ending).toBeUndefined()
  world.connections.close()
  expect(client.ending).toMatchObject({ reason: 'GOING_AWAY' })
  const second = await world.plain(bob)
  expect(second.client.lines).toEqual(['ann -> bob: one'])
})
