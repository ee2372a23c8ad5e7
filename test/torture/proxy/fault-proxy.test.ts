import { randomBytes } from 'node:crypto'
import { eventually } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bothWays } from './fault.ts'
import type { Faults } from './fault.ts'
import { startFaultProxy } from './fault-proxy.ts'
import { maxWaitingBytes } from './pipe.ts'
import { testClient, testServer } from './proxy.fixture.ts'

/** A client that is connected to a server through a proxy. */
async function setup(faults: Faults = {}) {
  const server = await testServer()
  const proxy = await startFaultProxy({ target: server.address, faults })
  onTestFinished(() => proxy.close())
  const near = testClient(proxy.address)
  await eventually(() => server.ends.length === 1)
  return { server, proxy, near, far: server.ends[0]! }
}

describe('a proxy with nothing wrong', () => {
  test('carries bytes both ways as they are', async () => {
    const { near, far } = await setup()
    const [there, back] = [randomBytes(3_000_000), randomBytes(2_000_000)]
    near.socket.write(there)
    far.socket.write(back)
    await eventually(() => far.received().length === there.length)
    await eventually(() => near.received().length === back.length)
    expect(far.received().equals(there)).toBe(true)
    expect(near.received().equals(back)).toBe(true)
  })

  test('passes an end on after the bytes before it, and leaves the other direction open', async () => {
    const { proxy, near, far } = await setup()
    near.socket.end('last words')
    await eventually(() => far.is.ended)
    expect(far.received().toString()).toBe('last words')
    expect(near.is.ended).toBe(false)
    far.socket.end('answer')
    await eventually(() => near.is.closed && far.is.closed)
    expect(near.received().toString()).toBe('answer')
    await eventually(() => proxy.connections === 0)
  })

  test('resets one side when the other is reset, and when its target is not there', async () => {
    const { server, proxy, near, far } = await setup()
    far.socket.resetAndDestroy()
    await eventually(() => near.is.error === 'ECONNRESET')
    await server.close()
    const late = testClient(proxy.address)
    await eventually(() => late.is.error === 'ECONNRESET')
    await eventually(() => proxy.connections === 0)
  })

  test('holds a bounded number of bytes for a receiver that does not read', async () => {
    const { proxy, near, far } = await setup()
    far.socket.pause()
    const bytes = randomBytes(32_000_000)
    near.socket.write(bytes)
    await eventually(() => proxy.waitingBytes >= maxWaitingBytes)
    // One read of the kernel's may come on top.
    expect(proxy.waitingBytes).toBeLessThan(maxWaitingBytes + 128 * 1024)
    far.socket.resume()
    await eventually(() => far.received().length === bytes.length)
    expect(far.received().equals(bytes)).toBe(true)
  })
})

describe('a fault', () => {
  test('latency delays every byte', async () => {
    const { near, far } = await setup({ up: { latencyMs: 150 } })
    const startedMs = performance.now()
    near.socket.write('late')
    await eventually(() => far.received().length === 4, { everyMs: 1 })
    expect(performance.now() - startedMs).toBeGreaterThan(145)
  })

  test('slices of a byte arrive as the same bytes', async () => {
    const { near, far } = await setup(bothWays({ sliceBytes: 1 }))
    let reads = 0
    far.socket.on('data', () => (reads += 1))
    const bytes = randomBytes(5_000)
    near.socket.write(bytes)
    await eventually(() => far.received().length === bytes.length)
    expect(far.received().equals(bytes)).toBe(true)
    expect(reads).toBeGreaterThan(50)
  })

  test('a stall holds everything, and all of it comes when the stall is over', async () => {
    const { proxy, near, far } = await setup()
    near.socket.write('before')
    await eventually(() => far.received().length === 6)
    proxy.set(bothWays({ stalled: true }))
    near.socket.write('during')
    far.socket.write('answer')
    await expect(
      eventually(() => far.received().length + near.received().length > 6, { timeoutMs: 200 }),
    ).rejects.toThrow()
    proxy.heal()
    await eventually(() => far.received().toString() === 'beforeduring')
    await eventually(() => near.received().toString() === 'answer')
  })

  test('a black hole swallows what follows the n-th byte of one direction', async () => {
    const { proxy, near, far } = await setup()
    proxy.set({ down: { blackholeAfterBytes: 3 } })
    far.socket.write('answer')
    near.socket.write('question')
    await eventually(() => far.received().toString() === 'question')
    await eventually(() => near.received().toString() === 'ans')
    expect(near.is.closed).toBe(false)
    proxy.heal()
    await eventually(() => near.is.error === 'ECONNRESET' && far.is.closed)
  })

  test('a reset comes after the n-th byte', async () => {
    const { proxy, near, far } = await setup()
    proxy.set({ up: { resetAfterBytes: 4 } })
    near.socket.write('question')
    await eventually(() => far.is.error === 'ECONNRESET' && near.is.error === 'ECONNRESET')
    expect('question'.startsWith(far.received().toString())).toBe(true)
    expect(far.received().length).toBeLessThanOrEqual(4)
  })

  test.each(['end', 'resetAndDestroy'] as const)(
    'half-open: a client that is gone by %s is still there for the server',
    async (leave) => {
      const { proxy, near, far } = await setup(bothWays({ halfOpen: true }))
      near.socket[leave]()
      near.socket.destroy()
      await eventually(() => near.is.closed)
      far.socket.write('are you there?')
      await expect(
        eventually(() => far.is.ended || far.is.closed, { timeoutMs: 200 }),
      ).rejects.toThrow()
      proxy.heal()
      await eventually(() => far.is.closed)
    },
  )

  test('refused connections are reset, open ones go on', async () => {
    const { proxy, near, far } = await setup()
    proxy.set({ refuses: true })
    const second = testClient(proxy.address)
    await eventually(() => second.is.error === 'ECONNRESET')
    near.socket.write('still here')
    await eventually(() => far.received().toString() === 'still here')
  })

  test('a cut resets what is open, and new connections pass', async () => {
    const { proxy, near, far, server } = await setup()
    proxy.cut()
    await eventually(() => near.is.error === 'ECONNRESET' && far.is.error === 'ECONNRESET')
    const second = testClient(proxy.address)
    second.socket.write('again')
    await eventually(() => server.ends[1]?.received().toString() === 'again')
  })
})
