import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { makeKeyPair, openChannel } from '@parley/direct'
import { chat } from '@parley/proto'
import { uuidText } from '@parley/service-kit'
import { FakeScheduler, eventually } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { DirectRooms, cuttableWay, directText } from '../testing/direct-rooms.ts'
import type { RoomHere } from '../testing/direct-rooms.ts'
import { maxUnproven } from './front.ts'
import { Offering } from './offering.ts'
import { answerLimits, maxPeers } from './room.ts'

const patience = { timeoutMs: 30_000 }

async function areJoined(...sides: RoomHere[]): Promise<void> {
  await eventually(() => sides.every(({ room }) => room.paths.length === 1), patience)
}

/** Says something until it is heard: of two connections one may be let go while it is said. */
async function talks(from: RoomHere, to: RoomHere, words: string): Promise<void> {
  await eventually(() => {
    from.room.say(directText(words))
    return to.heard.some((line) => line.endsWith(words))
  }, patience)
}

async function setup(...ways: (((port: number) => number) | undefined)[]) {
  const rooms = new DirectRooms()
  const [ann, bob] = [rooms.add('ann', ways[0]), rooms.add('bob', ways[1])]
  await ann.room.open()
  await bob.room.open()
  return { rooms, ann, bob }
}

/** Somebody calls at a port. */
async function caller(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

describe('two devices that have both offered', () => {
  test('talk by one path, whoever came first', async () => {
    const { ann, bob } = await setup()
    await areJoined(ann, bob)
    await talks(ann, bob, 'hello')
    await talks(bob, ann, 'hello yourself')
    expect(bob.heard[0]).toBe('ann: hello')
    await eventually(() => ann.room.paths[0]?.rttMs !== undefined, patience)
    expect(ann.room.paths[0]!.rttMs).toBeGreaterThan(0)
  })

  test.each([0, 1])('talk when only one of them can be called (%i)', async (unreachable) => {
    const nowhere = (port: number) => (port > 60_000 ? port - 1 : port + 1)
    const ways = [undefined, undefined].map((_, i) => (i === unreachable ? nowhere : undefined))
    const { ann, bob } = await setup(...ways)
    await areJoined(ann, bob)
    await talks(ann, bob, 'hello')
    await talks(bob, ann, 'hello yourself')
  })

  test('keep one of two connections, the same on both sides', async () => {
    const { rooms, ann, bob } = await setup()
    await areJoined(ann, bob)
    // Each offers again: nothing is called anew while there is a path.
    for (const { room } of [ann, bob, ann, bob]) room.offer()
    await talks(ann, bob, 'still here')
    expect([ann.room.paths.length, bob.room.paths.length]).toEqual([1, 1])
    expect(ann.room.paths[0]!.byLower).toBe(bob.room.paths[0]!.byLower)
    expect(rooms.conversationId.length).toBe(16)
  })

  test('find each other again when the connection is cut', async () => {
    const [near, far] = [await cuttableWay(), await cuttableWay()]
    const { ann, bob } = await setup(near.lead, far.lead)
    await areJoined(ann, bob)
    for (const way of [near, far]) way.cut()
    await eventually(
      () => expect(ann.moves.slice(-2)).toEqual(['closed CHANNEL_CUT', 'open']),
      patience,
    )
    await talks(ann, bob, 'again')
  })

  test('notice a path that died in silence, and go on when there is one again', async () => {
    const [near, far] = [await cuttableWay(), await cuttableWay()]
    const { ann, bob } = await setup(near.lead, far.lead)
    await areJoined(ann, bob)
    for (const way of [near, far]) way.silence(true)
    const closed = () => [ann, bob].flatMap(({ moves }) => moves.filter((move) => move !== 'open'))
    await eventually(() => closed().length >= 2, patience)
    // Whoever notices first hangs up, which the other may hear.
    expect(closed()).toContain('closed SILENT')
    for (const way of [near, far]) way.silence(false)
    await talks(ann, bob, 'again')
    await talks(bob, ann, 'again')
  })

  test('find each other although the server has passed over what they said first', async () => {
    const rooms = new DirectRooms()
    const [ann, bob] = [rooms.add('ann'), rooms.add('bob')]
    rooms.deafTo = 3
    for (const { room } of [ann, bob]) await room.open()
    await areJoined(ann, bob)
    await talks(ann, bob, 'at last')
  })

  test('part when one withdraws, and meet again when it offers', async () => {
    const { rooms, ann, bob } = await setup()
    await areJoined(ann, bob)
    bob.room.close()
    await eventually(() => expect(ann.moves).toEqual(['open', 'closed CLOSED']), patience)
    expect(ann.room.paths).toEqual([])
    const again = rooms.add('bob')
    await again.room.open()
    await areJoined(ann, again)
  })
})

describe('a device that is called', () => {
  test('hangs up on everybody whose key the server has not vouched for', async () => {
    const { rooms, ann, bob } = await setup()
    await areJoined(ann, bob)
    const socket = await caller(bob.port)
    const purpose = `chat ${uuidText(rooms.conversationId)}`
    const stranger = openChannel(socket, { me: makeKeyPair(), role: 'initiator', purpose })
    // The stranger may believe for a moment that it was taken.
    const end = await stranger.then(
      async (channel) => {
        const frame = { frame: { $case: 'text' as const, value: directText('I am ann') } }
        channel.onMessage(() => undefined)
        channel.send(chat.DirectFrame.encode(frame).finish())
        return (await channel.ended)?.reason
      },
      (error: { reason: string }) => error.reason,
    )
    expect(['HANDSHAKE_CUT', 'CHANNEL_CUT']).toContain(end)
    await talks(ann, bob, 'the real one')
    expect(bob.heard.filter((line) => line.includes('I am ann'))).toEqual([])
    expect(bob.room.paths.length).toBe(1)
  })

  test('hangs up on who speaks of another conversation', async () => {
    const { ann, bob } = await setup()
    await areJoined(ann, bob)
    const socket = await caller(bob.port)
    const opening = openChannel(socket, { me: makeKeyPair(), role: 'initiator', purpose: 'chat x' })
    await expect(opening).rejects.toMatchObject({ reason: expect.stringMatching(/^HANDSHAKE_/) })
  })

  test('does not keep more callers than so many who prove nothing', async () => {
    const rooms = new DirectRooms(2)
    const [ann, bob] = [rooms.add('ann'), rooms.add('bob')]
    for (const { room } of [ann, bob]) await room.open()
    await areJoined(ann, bob)
    const waiting = await Promise.all(Array.from({ length: maxUnproven }, () => caller(bob.port)))
    const over = await caller(bob.port)
    over.resume()
    if (!over.destroyed) await once(over, 'close')
    expect(waiting.every((socket) => !socket.destroyed)).toBe(true)
    // After a while they are gone, too.
    for (const socket of waiting) if (!socket.resume().destroyed) await once(socket, 'close')
    await talks(ann, bob, 'still here')
  })
})

test('a device that calls does not take somebody else for its peer', async () => {
  const rooms = new DirectRooms()
  const ann = rooms.add('ann')
  await ann.room.open()
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const called = once(server, 'connection') as Promise<[Socket]>
  // Bob's key at eve's port: eve would have to prove it.
  const address = Buffer.from([127, 0, 0, 1])
  const { port } = server.address() as AddressInfo
  const publicKey = Buffer.from(makeKeyPair().publicKey)
  const told = {
    ...ann.said[0]!,
    publicKey,
    candidates: [{ transport: 1 as const, address, port }],
  }
  ann.room.hear(rooms.signal('bob', Buffer.alloc(16, 0xff), told))
  const [socket] = await called
  const purpose = `chat ${uuidText(rooms.conversationId)}`
  const eve = openChannel(socket, { me: makeKeyPair(), role: 'responder', purpose })
  // The last word of the handshake, which is ann's, is never said.
  await expect(eve).rejects.toMatchObject({ reason: 'HANDSHAKE_CUT' })
  expect([ann.room.paths, ann.moves]).toEqual([[], []])
})

test('who offers without end is answered a few times only, and talked to all the same', async () => {
  const { rooms, ann, bob } = await setup()
  await areJoined(ann, bob)
  const offer = rooms.signal(
    'ann',
    ann.deviceId,
    ann.said.find(({ step }) => step === 1)!,
  )
  for (let i = 0; i < 100; i += 1) bob.room.hear(offer)
  const answers = bob.said.filter(({ step }) => step === 2).length
  expect(answers).toBeLessThan(2 * answerLimits.burst)
  await talks(bob, ann, 'still here')
})

test('an offer that nobody answers is said ever less often, and again at once with a new stream', async () => {
  const scheduler = new FakeScheduler()
  let said = 0
  const offering = new Offering({ scheduler, say: () => (said += 1), isHeard: () => false })
  offering.begin()
  await scheduler.advance(600_000)
  const perMinute = said / 10
  expect(perMinute).toBeLessThan(10)
  const before = said
  await scheduler.advance(600_000)
  expect(said - before).toBeGreaterThanOrEqual(10)
  expect(said - before).toBeLessThan(60)
  const now = said
  offering.begin()
  expect(said).toBe(now + 1)
  offering.end()
  await scheduler.advance(600_000)
  expect(said).toBe(now + 1)
})

test('so many devices of the other are talked to; one more is left to the server', async () => {
  const rooms = new DirectRooms()
  const ann = rooms.add('ann')
  await ann.room.open()
  const offer = ann.said[0]!
  for (let i = 0; i <= maxPeers; i += 1) {
    const publicKey = Buffer.from(makeKeyPair().publicKey)
    const told = { ...offer, publicKey, candidates: [] }
    ann.room.hear(rooms.signal('bob', Buffer.alloc(16, i + 1), told))
  }
  expect(ann.room.peers).toBe(maxPeers)
})
