import { chat } from '@parley/proto'
import { FakeScheduler } from '@parley/testkit'
import { expect, test } from 'vitest'
import type { Session } from '../session/session.ts'
import type { VisibleUser } from '../store/queries/visible-users.ts'
import type { Follower } from './follower.ts'
import { unknownAvailability, WatchBook } from './watch-book.ts'
import type { Watched } from './watch-book.ts'
import { WatchLists } from './watch-lists.ts'

const online = 5
const person = (user: number): VisibleUser => ({
  user,
  publicId: Buffer.alloc(16, user),
  name: `user ${user}`,
})

/** A session of user 1 whose view of others the test decides; all others are online. */
function setup() {
  const scheduler = new FakeScheduler()
  const world = { visible: [] as VisibleUser[], isAway: false }
  const told: string[] = []
  const tell = (frame: Buffer) => {
    for (const { event } of chat.ConnectResponse.decode(frame).events) {
      if (event?.$case === 'watching') told.push(`watching ${event.value.count}`)
      if (event?.$case !== 'presenceChanged') continue
      for (const user of event.value.users) told.push(`${user.userName} is ${user.availability}`)
    }
  }
  const session = {
    identity: { user: 1 },
    isOver: false,
    tell,
    mention: (_key: string, frame: Buffer) => tell(frame),
  } as unknown as Session
  const ask = () =>
    world.isAway ? Promise.reject(new Error('away')) : Promise.resolve(world.visible as never)
  const follower = {
    adjust: () => undefined,
    refresh(users: readonly Watched[]) {
      for (const user of users) user.availability = online
      return Promise.resolve()
    },
  } as unknown as Follower
  const book = new WatchBook()
  const lists = new WatchLists({ ask }, book, follower, scheduler)
  return { scheduler, world, told, session, lists, book }
}

test('a new contact is followed without asking again, and only the news is told', async () => {
  const { world, told, session, lists, scheduler } = setup()
  world.visible = [person(2)]
  await lists.watch(session, [], true)
  world.visible = [person(2), person(3)]
  lists.visibilityChanged(1)
  await scheduler.advance(1_000)
  expect(told).toEqual(['watching 1', `user 2 is ${online}`, `user 3 is ${online}`])
})

test('who may not be seen any more becomes unknown', async () => {
  const { world, told, session, lists, scheduler, book } = setup()
  world.visible = [person(2)]
  await lists.watch(session, [], true)
  world.visible = []
  // The other side has ended it.
  lists.visibilityChanged(2)
  await scheduler.advance(1_000)
  expect(told.slice(2)).toEqual([`user 2 is ${unknownAvailability}`])
  expect(book.all()).toEqual([])
})

test('a change that cannot be looked at yet is looked at later', async () => {
  const { world, told, session, lists, scheduler } = setup()
  await lists.watch(session, [], true)
  Object.assign(world, { visible: [person(2)], isAway: true })
  lists.visibilityChanged(1)
  await scheduler.advance(1_000)
  world.isAway = false
  await scheduler.advance(1_000)
  expect(told).toEqual(['watching 0', `user 2 is ${online}`])
})

test('a change of one user is told at once among ten thousand sessions that follow others', async () => {
  const { world, lists } = setup()
  const silent = { isOver: false, tell: () => undefined, mention: () => undefined }
  const sessions = Array.from(
    { length: 10_000 },
    (_, i) => ({ ...silent, identity: { user: 1_000 + i } }) as unknown as Session,
  )
  world.visible = Array.from({ length: 20 }, (_, i) => person(10 + i))
  for (const each of sessions) await lists.watch(each, [], true)
  const before = process.cpuUsage()
  for (let user = 20_000; user < 30_000; user += 1) lists.visibilityChanged(user)
  // Looking through every list took 12 s. Time at the processor, not that which others had.
  const { user, system } = process.cpuUsage(before)
  expect(user + system).toBeLessThan(3_000_000)
})
