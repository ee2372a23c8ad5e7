import { MemoryBus, MemoryHub, shardOf, subjects } from '@parley/bus'
import { chat, events, presence as wire } from '@parley/proto'
import { uuidv7 } from '@parley/service-kit'
import { FakeScheduler, recordingLogger } from '@parley/testkit'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Session } from '../session/session.ts'
import { Follower } from './follower.ts'
import { unknownAvailability, WatchBook } from './watch-book.ts'

const { PresenceTransitions } = events
const [offline, online] = [wire.State.OFFLINE, wire.State.ONLINE]
const instanceId = Buffer.alloc(16, 9)

/** One session that follows one user, and a presence whose answers the test decides. */
function setup() {
  const scheduler = new FakeScheduler()
  const hub = new MemoryHub()
  const bus = new MemoryBus({ hub, scheduler, log: recordingLogger().log })
  const presenceBus = new MemoryBus({ hub, scheduler, log: recordingLogger().log })
  const userId = Buffer.from(uuidv7(scheduler))
  const told: number[] = []
  const session = {
    mention(_key: string, frame: Buffer) {
      const [event] = chat.ConnectResponse.decode(frame).events
      if (event?.event?.$case !== 'presenceChanged') throw new Error('another event')
      told.push(...event.event.value.users.map((user) => Number(user.availability)))
    },
  } as unknown as Session
  const answer = {
    state: offline as wire.State,
    settled: true,
    revision: 10,
    isAway: false,
    asked: 0,
  }
  const ask = (ids: readonly Uint8Array[]) => {
    answer.asked += 1
    if (answer.isAway) return Promise.reject(new Error('presence is away'))
    const users = ids.map((id) => ({ userId: Buffer.from(id), state: answer.state, sinceMs: 1 }))
    const { revision, settled } = answer
    return Promise.resolve({ instanceId, revision, asOfMs: 5, users, settled })
  }
  const book = new WatchBook()
  const follower = new Follower({ bus, book, scheduler, log: recordingLogger().log, ask })
  const watched = [...book.set(session, [{ user: 2, publicId: userId, name: 'bo' }])]
  follower.adjust()
  const say = async (said: Partial<events.PresenceTransitions>) => {
    const message = PresenceTransitions.create({ instanceId, settled: true, asOfMs: 7, ...said })
    presenceBus.publish(
      subjects.presence(shardOf(userId)),
      PresenceTransitions.encode(message).finish(),
    )
    await scheduler.advance(10)
  }
  const change = (state: wire.State) => [{ userId, state, sinceMs: 2 }]
  return { scheduler, follower, watched, answer, told, say, change, book, session }
}

describe('following presence', () => {
  let world: ReturnType<typeof setup>

  beforeEach(async () => {
    world = setup()
    await world.follower.refresh(world.watched)
    world.told.length = 0
  })

  test('tells a transition that is the next of its shard, without asking', async () => {
    const { say, change, told, answer } = world
    const before = answer.asked
    await say({ revision: 11, previousRevision: 10, users: change(online) })
    expect(told).toEqual([online])
    expect(answer.asked).toBe(before)
  })

  test('asks when a batch was missed, and tells what is so now', async () => {
    const { say, told, answer } = world
    answer.state = online
    await say({ revision: 15, previousRevision: 14 })
    expect(told).toEqual([online])
  })

  test('asks when another presence process speaks', async () => {
    const { say, answer } = world
    const before = answer.asked
    await say({ instanceId: Buffer.alloc(16, 1), revision: 1, previousRevision: 0 })
    expect(answer.asked).toBeGreaterThan(before)
  })

  test('tells nothing twice', async () => {
    const { say, change, told } = world
    await say({ revision: 11, previousRevision: 10, users: change(online) })
    await say({ revision: 12, previousRevision: 11, users: change(online) })
    expect(told).toEqual([online])
  })

  test('calls nobody offline before all relays have reported', async () => {
    const { follower, watched, answer, told } = world
    answer.settled = false
    await follower.refresh(watched)
    expect(told).toEqual([unknownAvailability])
  })

  test('says unknown, never a stale online, while neither the bus nor presence answers', async () => {
    const { say, change, told, scheduler, answer } = world
    await say({ revision: 11, previousRevision: 10, users: change(online) })
    answer.isAway = true
    await scheduler.advance(10_000)
    expect(told).toEqual([online, unknownAvailability])
    answer.isAway = false
    answer.state = online
    await scheduler.advance(10_000)
    expect(told).toEqual([online, unknownAvailability, online])
  })

  test('forgets users and shards that nobody follows any more', async () => {
    const { book, session, follower, say, change, told } = world
    book.drop(session)
    follower.adjust()
    await say({ revision: 11, previousRevision: 10, users: change(online) })
    expect([told, book.all(), book.shards().size]).toEqual([[], [], 0])
  })
})
