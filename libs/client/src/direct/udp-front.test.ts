import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { systemScheduler } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { openUdpFront } from './udp-front.ts'

const patience = { timeoutMs: 30_000 }

/** A socket, and the datagrams that it has got. */
async function ear() {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  onTestFinished(() => void socket.close())
  const heard: string[] = []
  socket.on('message', (bytes) => heard.push(bytes.toString()))
  return { socket, heard, port: socket.address().port }
}

async function setup(rendezvous = '') {
  let moves = 0
  const front = await openUdpFront({
    host: '127.0.0.1',
    rendezvous: () => rendezvous,
    scheduler: systemScheduler,
    moved: () => (moves += 1),
  })
  onTestFinished(() => front.close())
  return { front, moves: () => moves }
}

test('what was said last still leaves when a front is closed', async () => {
  const { front } = await setup()
  const { port, heard } = await ear()
  front.socket.send('goodbye', port, '127.0.0.1')
  front.close()
  await eventually(() => heard.includes('goodbye'), patience)
})

test('a front whose socket has failed is none any more, and does no harm', async () => {
  const { port } = await ear()
  const { front, moves } = await setup(`127.0.0.1:${port}`)
  const asking = front.ask()
  front.socket.emit('error', new Error('the network is down'))
  expect(front.isOpen).toBe(false)
  expect(front.port).toBeGreaterThan(0)
  await asking
  await front.ask()
  expect(moves()).toBe(0)
})

test('a front tells when others see it elsewhere than before, and not when they do not', async () => {
  const server = await ear()
  let seenAt = '203.0.113.1:5000'
  server.socket.on('message', (bytes, { port, address }) => {
    const nonce = bytes.toString().slice(6, 38)
    server.socket.send(`here,${nonce},${seenAt}`, port, address)
  })
  const { front, moves } = await setup(`127.0.0.1:${server.port}`)
  await eventually(async () => {
    await front.ask()
    return front.outside?.port === 5_000
  }, patience)
  await front.ask()
  expect(moves()).toBe(1)
  seenAt = '203.0.113.1:5001'
  await eventually(async () => {
    await front.ask()
    return moves() === 2
  }, patience)
  expect(front.outside).toEqual({ address: '203.0.113.1', port: 5_001 })
})
