import { expect, test } from 'vitest'
import { annAndBob } from '../testing/plain-world.ts'

test('a plain client is let go by a relay that stops, after its texts are answered, and nothing more is read', async () => {
  const { world, bob } = await annAndBob()
  const { client, session } = await world.plain(bob)
  const said = session.say('ann', 'before the end').then(() => client.ending)
  world.connections.goAway(10_000)
  expect(await world.done(said)).toBeUndefined()
  expect(client.isPaused).toBe(true)
  await world.settle()
  expect(client.ending).toMatchObject({ reason: 'GOING_AWAY' })
})

test('a plain client is let go by a relay that stops, after it has taken what it was shown, and is not shown it again', async () => {
  const { world, bob, say } = await annAndBob()
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
  const { world, bob, say } = await annAndBob()
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

test('a plain client that has asked who is online is told so before a relay that stops lets it go', async () => {
  const { world, bob } = await annAndBob()
  const { client, session } = await world.plain(bob)
  const answer = Promise.withResolvers<void>()
  world.listing.answers = answer.promise
  const listed = session.online().then(() => client.ending)
  world.connections.goAway(10_000)
  await world.settle()
  expect(client.ending).toBeUndefined()
  answer.resolve()
  expect(await world.done(listed)).toBeUndefined()
  await world.settle()
  expect(client.ending).toMatchObject({ reason: 'GOING_AWAY' })
})

test('a plain client is shown nothing between its last answer and its end, whenever that is written', async () => {
  for (let turns = 0; turns < 10; turns += 1) {
    const { world, bob, annHere } = await annAndBob()
    const { client, session } = await world.plain(bob)
    // From its answer on it takes what it is shown only later.
    const said = session.say('ann', 'the last').then(() => client.stopReading())
    world.connections.goAway(10_000)
    for (let turn = 0; turn < turns; turn += 1) {
      world.scheduler.turn()
      await Promise.resolve()
    }
    annHere.send({ user: bob.userId }, 'late')
    await world.done(said)
    await world.settle()
    client.read()
    await world.settle()
    expect(client.ending).toMatchObject({ reason: 'GOING_AWAY' })
    const second = await world.plain(bob)
    const shown = [...client.lines, ...second.client.lines].filter((line) => line.includes('late'))
    expect([turns, shown]).toEqual([turns, ['ann -> bob: late']])
  }
})
