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
    instanceId,
  }
  const ask = (ids: readonly Uint8Array[]) => {
    answer.asked += 1
    if (answer.isAway) return Promise.reject(new Error('presence is away'))
    const users = ids.map((id) => ({ userId: Buffer.from(id), state: answer.state, sinceMs: 1 }))
    const { revision, settled, instanceId } = answer
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

  test('does not hear a presence process that it does not follow', async () => {
    const { say, change, told, answer } = world
    const before = answer.asked
    const other = { instanceId: Buffer.alloc(16, 1) }
    await say({ ...other, revision: 11, previousRevision: 10, users: change(online) })
    await say({ ...other, revision: 90, previousRevision: 80 })
    expect([told, answer.asked]).toEqual([[], before])
  })

  test('turns to another process with its answer, whatever the revisions of the former were', async () => {
    const { say, change, told, follower, watched, answer } = world
    const instanceId = Buffer.alloc(16, 1)
    Object.assign(answer, { instanceId, revision: 3 })
    await follower.refresh(watched)
    await say({ revision: 11, previousRevision: 10, users: change(online) })
    expect(told).toEqual([])
    await say({ instanceId, revision: 4, previousRevision: 3, users: change(online) })
    expect(told).toEqual([online])
  })

  test('keeps the newer of an answer and a batch, whichever comes first', async () => {
    const { say, change, told, follower, watched, answer } = world
    await say({ revision: 12, previousRevision: 10, users: change(online) })
    answer.revision = 11
    await follower.refresh(watched)
    expect(told).toEqual([online])
    Object.assign(answer, { revision: 14, state: offline })
    await follower.refresh(watched)
    await say({ revision: 13, previousRevision: 12, users: change(online) })
    expect(told).toEqual([online, offline])
  })

  test('a batch about one user that was missed is not covered by an answer about another', async () => {
    const { say, told, follower, answer, book, session, watched } = world
    const [first] = watched
    const near = Buffer.from(first!.userId)
    // Another user of the same shard.
    for (let i = 1; shardOf(near) !== first!.shard || near.equals(first!.userId); i += 1) {
      near.writeUInt32BE(i)
    }
    const bo = { user: 2, publicId: first!.userId, name: 'bo' }
    const users = book.set(session, [bo, { user: 3, publicId: near, name: 'cy' }])
    answer.revision = 20
    await follower.refresh([...users].slice(1))
    told.length = 0
    answer.state = online
    await say({ revision: 21, previousRevision: 15 })
    expect(told).toEqual([online])
  })

  test('asks again for whom nobody answered, also while the bus speaks', async () => {
    const { say, told, follower, watched, answer, scheduler } = world
    Object.assign(answer, { isAway: true, state: online })
    await follower.refresh(watched)
    await say({ revision: 11, previousRevision: 10 })
    answer.isAway = false
    await scheduler.advance(4_000)
    expect(told).toEqual([unknownAvailability, online])
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
