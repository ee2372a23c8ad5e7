import { describe, expect, test } from 'vitest'
import { maxQueuedNews, maxSessionsOfUser } from './connection-limits.ts'
import { signalLimits } from '../hub/send-rates.ts'
import { fakeWorld } from '../testing/fake-world.ts'

async function setup() {
  const world = fakeWorld()
  const [ann, bob] = [await world.register('ann'), await world.register('bob')]
  await world.befriend(ann, bob)
  const conversationId = await world.group(ann, bob)
  const [annHere, bobHere] = [world.connect(ann), world.connect(bob)]
  await world.settle()
  const typing = { $case: 'typing', value: { conversationId, typing: true } } as const
  return { world, ann, bob, annHere, bobHere, typing, conversationId }
}

describe('signs of typing', () => {
  test('beyond the rate of their user wait, and so does what comes after them', async () => {
    const { world, annHere, bobHere, typing, conversationId } = await setup()
    const flood = Array.from({ length: signalLimits.burst + 1 }, () => typing)
    annHere.tell(...flood, { $case: 'ping', value: { nonce: 7 } })
    await world.settle()
    expect(annHere.of('throttle').length).toBe(1)
    expect(annHere.of('pong')).toEqual([])
    expect(annHere.isPaused).toBe(true)
    // What others say is not held up.
    bobHere.send(conversationId, 'go on')
    await world.settle()
    expect(annHere.seen(conversationId).at(-1)).toMatch(/go on$/)
    await world.scheduler.advance(1_000 / signalLimits.perSecond + 10)
    expect(annHere.of('pong').length).toBe(1)
    expect(annHere.isPaused).toBe(false)
  })

  test('count over all streams of a user', async () => {
    const { world, ann, annHere, typing } = await setup()
    annHere.tell(...Array.from({ length: signalLimits.burst }, () => typing))
    const again = world.connect(await world.another(ann))
    await world.settle()
    again.tell(typing, { $case: 'ping', value: { nonce: 7 } })
    await world.settle()
    expect(again.of('pong')).toEqual([])
  })
})

describe('what somebody does whom a user has blocked', () => {
  async function direct() {
    const world = fakeWorld()
    const [ann, bob] = [await world.register('ann'), await world.register('bob')]
    await world.befriend(ann, bob)
    const annHere = world.connect(ann)
    annHere.send({ user: bob.userId }, 'hello')
    const bobHere = world.connect(bob)
    await world.settle()
    const conversationId = annHere.of('accepted')[0]!.conversationId
    const acts = async () => {
      const typing = { conversationId, typing: true }
      bobHere.tell({ $case: 'typing', value: typing })
      bobHere.tell({ $case: 'read', value: { conversationId, seq: 1 } })
      bobHere.tell({ $case: 'ack', value: { conversationId, epoch: 1, seq: 1 } })
      await world.settle()
    }
    const heard = (device = annHere) => [device.of('typing').length, device.of('receipts').length]
    const change = (name: 'blockUser' | 'unblockUser') =>
      world.run(name, { user: ann.user, otherId: bob.userId })
    return { world, ann, bob, annHere, acts, heard, change, conversationId }
  }

  test('is not told in their old conversation, and is told again when the block ends', async () => {
    const { world, acts, heard, change } = await direct()
    await change('blockUser')
    await world.settle()
    await acts()
    expect(heard()).toEqual([0, 0])
    await change('unblockUser')
    await world.settle()
    await acts()
    expect(heard()[0]).toBe(1)
  })

  test('is not told to a device that comes later either', async () => {
    const { world, ann, acts, heard, change } = await direct()
    await change('blockUser')
    const later = world.connect(await world.another(ann))
    await world.settle()
    await acts()
    expect(heard(later)).toEqual([0, 0])
  })

  test('is told as long as there is no block', async () => {
    const { acts, heard } = await direct()
    await acts()
    expect(heard()).toEqual([1, 2])
  })

  test('does not hide what an own other device has read', async () => {
    const { world, ann, bob, annHere, heard, change, conversationId } = await direct()
    const bobSays = world.connect(bob)
    bobSays.send(conversationId, 'an answer')
    const other = world.connect(await world.another(ann))
    await world.settle()
    await change('blockUser')
    await world.settle()
    annHere.tell({ $case: 'read', value: { conversationId, seq: 2 } })
    await world.settle()
    expect(heard(other)[1]).toBe(1)
  })
})

test('watch lists cost more, for each asks for up to a thousand users', async () => {
  const { world, annHere } = await setup()
  const watch = { $case: 'watch' as const, value: { userIds: [], contacts: true } }
  const ping = { $case: 'ping', value: { nonce: 7 } } as const
  annHere.tell(...Array.from({ length: 20 }, () => watch), ping, watch, ping)
  await world.settle()
  expect(annHere.of('pong').length).toBe(1)
  await world.scheduler.advance(510)
  expect(annHere.of('pong').length).toBe(2)
})

test('a user has so many sessions at most; one more is told so until one ends', async () => {
  const { world, ann, annHere, bobHere } = await setup()
  const connect = () => world.connect(ann, { transient: true })
  const many = Array.from({ length: maxSessionsOfUser - 1 }, connect)
  await world.settle()
  const over = connect()
  await world.settle()
  expect(over.refusal?.reason).toBe('TOO_MANY_SESSIONS')
  expect([annHere, bobHere, ...many].every((each) => each.refusal === undefined)).toBe(true)
  many[0]?.cut()
  const next = connect()
  await world.settle()
  expect(next.refusal).toBeUndefined()
})

test('a device that lets news of others pile up is let go', async () => {
  const { world, bob, bobHere } = await setup()
  bobHere.stopReading(0)
  const [session] = world.engine.hub.sessionsOf(bob.user)
  const news = (i: number) => session?.mention(`typing/${i}`, Buffer.from('news'))
  // The first frame finds out that the device does not read.
  news(-1)
  await world.scheduler.advance(1_000)
  for (let i = 0; i <= maxQueuedNews; i += 1) news(i)
  // The latest of the same keys takes no more room.
  news(0)
  expect(session?.queuedNews).toBe(maxQueuedNews + 1)
  await world.scheduler.advance(2_000)
  expect(bobHere.refusal?.reason).toBe('STUCK')
  expect(session?.queuedNews).toBe(0)
})
