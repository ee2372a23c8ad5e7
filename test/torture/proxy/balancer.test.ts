import { eventually } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { startBalancer } from './balancer.ts'
import { testClient, testServer } from './proxy.fixture.ts'
import type { End } from './proxy.fixture.ts'

/** The first end there is, waiting for it. */
function first(list: () => readonly End[]): Promise<End> {
  return eventually(() => {
    const end = list()[0]
    if (end) return end
    throw new Error('no connection')
  })
}

async function setup() {
  const servers = [await testServer(), await testServer()] as const
  const balancer = await startBalancer(servers.map(({ address }) => address))
  onTestFinished(() => balancer.close())
  const [one, two] = servers
  return { one, two, balancer }
}

test('connections go round the backends', async () => {
  const { one, two, balancer } = await setup()
  for (let i = 1; i <= 4; i += 1) {
    testClient(balancer.address)
    await eventually(() => one.ends.length + two.ends.length === i)
  }
  expect([one.ends.length, two.ends.length]).toEqual([2, 2])
  expect(balancer.connections.get(one.address)).toBe(2)
})

test('a backend that is not there is passed over, and used again when it is back', async () => {
  const { one, two, balancer } = await setup()
  await one.close()
  const lost = one.ends.length
  const clients = Array.from({ length: 3 }, () => testClient(balancer.address))
  await eventually(() => two.ends.length === 3)
  expect(clients.map(({ is }) => is.closed)).toEqual([false, false, false])
  await one.open()
  await eventually(() => {
    testClient(balancer.address)
    return one.ends.length > lost
  })
})

test('with no backend a connection is reset', async () => {
  const { one, two, balancer } = await setup()
  await Promise.all([one.close(), two.close()])
  const client = testClient(balancer.address)
  await eventually(() => client.is.error === 'ECONNRESET')
})

test('bytes, ends and resets pass both ways', async () => {
  const { one, two, balancer } = await setup()
  const client = testClient(balancer.address)
  client.socket.end('question')
  const far = await first(() => [...one.ends, ...two.ends])
  await eventually(() => far.is.ended && far.received().toString() === 'question')
  far.socket.end('answer')
  await eventually(() => client.is.closed && client.received().toString() === 'answer')
  const second = testClient(balancer.address)
  const reset = await first(() => [...one.ends, ...two.ends].filter((end) => end !== far))
  reset.socket.resetAndDestroy()
  await eventually(() => second.is.error === 'ECONNRESET')
  await eventually(() => balancer.connections.size === 0)
})

test('a client that is reset takes its backend connection with it', async () => {
  const { one, two, balancer } = await setup()
  const client = testClient(balancer.address)
  const far = await first(() => [...one.ends, ...two.ends])
  client.socket.resetAndDestroy()
  await eventually(() => far.is.closed)
})

test('new connections go to the backends that are told last', async () => {
  const { one, two, balancer } = await setup()
  balancer.setBackends([two.address])
  for (let i = 0; i < 3; i += 1) testClient(balancer.address)
  await eventually(() => two.ends.length === 3)
  expect(one.ends).toHaveLength(0)
})
