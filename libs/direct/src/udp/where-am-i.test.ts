import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { FakeScheduler, eventually } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { askWhere } from './where-am-i.ts'

async function bound() {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  onTestFinished(() => void socket.close())
  return { socket, at: { address: '127.0.0.1', port: socket.address().port } }
}

/** Answers questions as the test says: with their nonces and where they came from. */
async function server(answer: (nonce: string, where: string, nth: number) => string) {
  const { socket, at } = await bound()
  let asked = 0
  socket.on('message', (bytes, from) => {
    asked += 1
    const nonce = bytes.toString().slice(6, 38)
    socket.send(answer(nonce, `${from.address}:${from.port}`, asked), from.port, from.address)
  })
  return { at, asked: () => asked }
}

test('the address that the server has seen is told', async () => {
  const { socket, at: here } = await bound()
  const { at } = await server((nonce, where) => `here,${nonce},${where}`)
  expect(await askWhere(socket, at, new FakeScheduler())).toEqual(here)
  expect(socket.listenerCount('message')).toBe(0)
})

test('answers to other questions, and what is none, do not count; it is asked again', async () => {
  const { socket } = await bound()
  const wrong = ['here,', 'here,x,1.2.3.4:5', `here,${'0'.repeat(32)},1.2.3.4:5`]
  const { at, asked } = await server((nonce, _where, nth) =>
    nth <= wrong.length ? wrong[nth - 1]! : `here,${nonce},[2001:db8::7]:99`,
  )
  const scheduler = new FakeScheduler()
  const found = askWhere(socket, at, scheduler)
  for (let nth = 1; nth <= wrong.length; nth += 1) {
    await eventually(() => asked() === nth)
    await scheduler.advance(200)
  }
  expect(await found).toEqual({ address: '2001:db8::7', port: 99 })
})

test('what another says does not count, nor an address that is none', async () => {
  const scheduler = new FakeScheduler()
  const { socket, at: here } = await bound()
  const { at, asked } = await server((nonce) => `here,${nonce},999.1.1.1:99`)
  const found = askWhere(socket, at, scheduler)
  const stranger = await bound()
  stranger.socket.send('here', here.port, here.address)
  await eventually(() => asked() > 0)
  await scheduler.advance(1_000)
  expect(await found).toBeUndefined()
})

test.each([0, 65_536])('a server at port %i, where none is, does no harm', async (port) => {
  const scheduler = new FakeScheduler()
  const { socket } = await bound()
  const found = askWhere(socket, { address: '127.0.0.1', port }, scheduler)
  await scheduler.advance(1_000)
  expect(await found).toBeUndefined()
})

test('a socket that was closed before does no harm', async () => {
  const scheduler = new FakeScheduler()
  const socket = createSocket('udp4')
  const isClosed = once(socket, 'close')
  socket.close()
  await isClosed
  const found = askWhere(socket, { address: '127.0.0.1', port: 9 }, scheduler)
  await scheduler.advance(1_000)
  expect(await found).toBeUndefined()
})
