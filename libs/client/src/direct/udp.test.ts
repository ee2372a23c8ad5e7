import { eventually } from '@parley/testkit'
import { expect, test } from 'vitest'
import { DirectRooms, cuttableWay, directText } from '../testing/direct-rooms.ts'
import type { RoomHere } from '../testing/direct-rooms.ts'

const patience = { timeoutMs: 30_000 }
/** Nobody listens there. */
const nowhere = () => 1_024

async function areJoined(...sides: RoomHere[]): Promise<void> {
  await eventually(() => sides.every(({ room }) => room.paths.length === 1), patience)
}

async function talks(from: RoomHere, to: RoomHere, words: string): Promise<void> {
  await eventually(() => {
    from.room.say(directText(words))
    return to.heard.some((line) => line.endsWith(words))
  }, patience)
}

async function opened(rooms: DirectRooms, ...sides: RoomHere[]): Promise<void> {
  for (const { room } of sides) await room.open()
  await areJoined(...sides)
  expect(rooms.conversationId.length).toBe(16)
}

test('two devices neither of which can be called over TCP talk over UDP', async () => {
  const rooms = new DirectRooms()
  const [ann, bob] = [rooms.add('ann', nowhere, true), rooms.add('bob', nowhere, true)]
  await opened(rooms, ann, bob)
  await talks(ann, bob, 'hello')
  await talks(bob, ann, 'hello yourself')
  await eventually(() => ann.room.paths[0]?.rttMs !== undefined, patience)
  // Longer than a datagram: left to the server, and no harm to the path.
  ann.room.say(directText('x'.repeat(5_000)))
  await talks(ann, bob, 'after a long one')
  expect(bob.heard.some((line) => line.length > 4_000)).toBe(false)
})

test('a path over UDP that the other side closes is over at once', async () => {
  const rooms = new DirectRooms()
  const [ann, bob] = [rooms.add('ann', nowhere, true), rooms.add('bob', nowhere, true)]
  await opened(rooms, ann, bob)
  bob.room.close()
  await eventually(() => ann.room.paths.length === 0, patience)
  expect(ann.moves.at(-1)).toBe('closed CLOSED')
})

test('a path over TCP takes the place of one over UDP, and nobody is told of an end', async () => {
  const rooms = new DirectRooms()
  const way = await cuttableWay()
  way.shut(true)
  const [ann, bob] = [rooms.add('ann', nowhere, true), rooms.add('bob', way.lead, true)]
  await opened(rooms, ann, bob)
  const byUdp = [ann, bob].map(({ room }) => room.paths[0])
  way.shut(false)
  // An offer again: what failed before is tried anew.
  bob.room.offer()
  const replaced = ({ room }: RoomHere, i: number) => {
    const [path] = room.paths
    return path !== undefined && path !== byUdp[i]
  }
  await eventually(() => [ann, bob].every(replaced), patience)
  await talks(ann, bob, 'by the better one')
  await talks(bob, ann, 'me too')
  expect([ann.moves, bob.moves]).toEqual([['open'], ['open']])
})
