import { expect, test } from 'vitest'
import { contentOf } from '../harness/parley-command.ts'
import { testWorld } from '../harness/world.ts'

test('what is sent while no server can be reached waits in the outbox and arrives once, in order', async () => {
  const world = await testWorld()
  const [ann, bob] = [world.parley('ann'), world.parley('bob')]
  await ann.register('ann')
  await bob.register('bob')
  await ann.must(['friends', 'add', 'bob'])
  await bob.must(['friends', 'accept', 'ann'])
  const { lines } = await ann.must(['send', '@bob', 'before'])
  const conversationId = String(lines[0]?.['conversationId'])

  await world.kill('relay')
  const texts = ['first while away', 'second while away']
  for (const text of texts) {
    const ended = await ann.run(['send', conversationId, text])
    expect(ended.code).toBe(3)
    expect(ended.stderr).toContain('QUEUED')
    expect(ended.lines).toEqual([expect.objectContaining({ type: 'queued' })])
  }
  const waiting = await ann.must(['outbox', 'list'])
  expect(waiting.lines).toHaveLength(2)
  await world.cluster.start('relay')

  await ann.must(['outbox', 'retry'])
  await ann.must(['outbox', 'retry'])
  const history = await bob.must(['history', '@ann'])
  const told = history.lines.map((line) => contentOf(line)['text'])
  expect(told).toEqual(['before', ...texts])
  expect((await ann.must(['outbox', 'list'])).lines).toEqual([])
})

test('a watch outlives the relay: it says that it is offline, comes back and has missed nothing', async () => {
  const world = await testWorld()
  const [ann, bob] = [world.parley('ann'), world.parley('bob')]
  await ann.register('ann')
  await bob.register('bob')
  await ann.must(['friends', 'add', 'bob'])
  await bob.must(['friends', 'accept', 'ann'])
  const watch = bob.start(['watch'])
  await watch.until((line) => line['state'] === 'caught-up')
  for (let round = 0; round < 3; round += 1) {
    await ann.must(['send', '@bob', `round ${round}`])
    await watch.until((line) => contentOf(line)['text'] === `round ${round}`)
    await world.kill('relay')
    await watch.until((line) => line['state'] === 'offline')
    await world.cluster.start('relay')
  }
  await ann.must(['send', '@bob', 'the last'])
  await watch.until((line) => contentOf(line)['text'] === 'the last', 30_000)
  const ended = await watch.stop()
  const texts = ended.lines.flatMap((line) => contentOf(line)['text'] ?? [])
  expect(texts).toEqual(['round 0', 'round 1', 'round 2', 'the last'])
  expect(ended.code).toBe(0)
})
