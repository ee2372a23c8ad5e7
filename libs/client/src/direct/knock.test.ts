import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { makeKeyPair } from '@parley/direct'
import { chat } from '@parley/proto'
import { FakeScheduler, eventually } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { directText } from '../testing/direct-rooms.ts'
import { Room } from './room.ts'

const patience = { timeoutMs: 30_000 }
const { OFFER, WITHDRAW } = chat.DirectStep
const probe = 1

/** Ann's room, and where bob's device is said to be: how often each attempt has knocked there. */
async function setup() {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  onTestFinished(() => void socket.close())
  const attempts = new Map<string, number>()
  const marks: string[] = []
  socket.on('message', (bytes) => {
    const attempt = bytes.toString('hex', 1, 17)
    if (bytes[0] === probe) attempts.set(attempt, (attempts.get(attempt) ?? 0) + 1)
    else marks.push(bytes.toString())
  })
  const scheduler = new FakeScheduler()
  const conversationId = Buffer.alloc(16, 1)
  const own: chat.Direct[] = []
  const room = new Room({
    conversationId,
    deviceId: Buffer.alloc(16, 2),
    host: '127.0.0.1',
    addresses: () => [],
    udp: true,
    rendezvous: () => '',
    scheduler,
    push: (command) => void (command.$case === 'direct' && own.push(command.value)),
    text: () => undefined,
    read: async () => Buffer.alloc(0),
    path: () => undefined,
  })
  onTestFinished(async () => {
    room.close()
    await scheduler.advance(10_000)
  })
  await room.open()
  const { port } = socket.address()
  const hear = (step: chat.DirectStep, publicKey: Uint8Array) => {
    const address = Buffer.from([127, 0, 0, 1])
    room.hear({
      conversationId,
      userId: Buffer.alloc(16, 'bob'),
      userName: 'bob',
      deviceId: Buffer.alloc(16, 3),
      step,
      publicKey: Buffer.from(publicKey),
      candidates: [{ transport: chat.DirectTransport.UDP, address, port }],
      sentAtMs: 0,
    })
  }
  const knocked = (count: number) =>
    eventually(async () => {
      await scheduler.advance(200)
      return attempts.size === count
    }, patience)
  /** Everything that was sent before has arrived. */
  const settled = async () => {
    const mark = `mark ${marks.length}`
    socket.send(mark, port, '127.0.0.1')
    await eventually(() => marks.includes(mark), patience)
  }
  return { room, scheduler, own, attempts, hear, knocked, settled }
}

test('nobody knocks any more at the places of a device that has withdrawn', async () => {
  const { hear, attempts, knocked, settled, scheduler } = await setup()
  hear(OFFER, makeKeyPair().publicKey)
  await knocked(1)
  hear(WITHDRAW, Buffer.alloc(0))
  await settled()
  const before = [...attempts.values()]
  await scheduler.advance(2_000)
  await settled()
  expect([...attempts.values()]).toEqual(before)
})

test('a device that comes with another key while it is knocked at is knocked at with that', async () => {
  const { hear, attempts, knocked, settled, scheduler } = await setup()
  hear(OFFER, makeKeyPair().publicKey)
  await knocked(1)
  hear(OFFER, makeKeyPair().publicKey)
  await settled()
  const [[first = '', before] = []] = attempts
  await knocked(2)
  await scheduler.advance(500)
  await settled()
  expect(attempts.get(first)).toBe(before)
})

test('a device that offers again while it is knocked at is knocked at once more', async () => {
  const { hear, attempts, knocked, settled, scheduler } = await setup()
  const { publicKey } = makeKeyPair()
  hear(OFFER, publicKey)
  await knocked(1)
  hear(OFFER, publicKey)
  // The first knocking ends after 6 s, the second would begin after 0.7 s.
  await scheduler.advance(6_000)
  await settled()
  const [before = 0] = attempts.values()
  await eventually(async () => {
    await scheduler.advance(200)
    return [...attempts.values()].some((count) => count > before + 3)
  }, patience)
})

test('who shows our own key is nobody: we would talk to ourselves', async () => {
  const { room, own, hear } = await setup()
  hear(OFFER, own[0]!.publicKey)
  expect(room.peers).toBe(0)
  hear(OFFER, makeKeyPair().publicKey)
  expect(room.peers).toBe(1)
  room.say(directText('to nobody'))
})
