import { connect } from 'node:http2'
import type { ChannelOptions } from '@grpc/grpc-js'
import { chat } from '@parley/proto'
import { delay, systemScheduler } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openClient, startGrpcServer } from './index.ts'
import { setup } from './setup.fixture.ts'

describe('a server', () => {
  test('tells its real address', async () => {
    const { server } = await setup()
    expect(server.address).toBe(`127.0.0.1:${server.port}`)
    expect(server.port).toBeGreaterThan(0)
  })

  test('on a taken port says which', async () => {
    const { server } = await setup()
    const second = startGrpcServer({ host: '127.0.0.1', port: server.port, services: [] })
    await expect(second).rejects.toMatchObject({
      reason: 'ADDRESS_IN_USE',
      message: `127.0.0.1:${server.port} is taken by another process`,
    })
  })

  test('refuses a public address without TLS', async () => {
    const server = startGrpcServer({ host: '0.0.0.0', port: 0, services: [] })
    await expect(server).rejects.toMatchObject({ reason: 'PLAINTEXT_REFUSED' })
  })

  test('lets a running call finish when it closes, and takes no new one', async () => {
    const finish = Promise.withResolvers<void>()
    let running = false
    const { server, open } = await setup({
      async list() {
        running = true
        await finish.promise
        return { jwks: 'done' }
      },
    })
    const client = open().keys
    const call = client.call.list({})
    await eventually(() => running)
    const closing = server.close()
    finish.resolve()
    expect(await call).toEqual({ jwks: 'done' })
    await closing
    await expect(client.call.list({})).rejects.toMatchObject({ kind: 'unavailable' })
  })

  test('cuts what still runs when its drain time is over', async () => {
    let running = false
    const { server, open } = await setup(
      {
        list: () => {
          running = true
          return new Promise(() => undefined)
        },
      },
      { drainMs: 50 },
    )
    const call = open().keys.call.list({})
    const failure = call.catch((error: unknown) => error)
    await eventually(() => running)
    await server.close()
    expect(await failure).toMatchObject({ kind: expect.stringMatching(/unavailable|cancelled/) })
  })
})

describe('a connection', () => {
  test('without a call is closed after a while, one with a call is not', async () => {
    const { server, open } = await setup(
      { list: () => delay(systemScheduler, 1_500).then(() => ({ jwks: '{}' })) },
      { limits: { maxIdleMs: 300 } },
    )
    const idle = connect(`http://${server.address}`)
    onTestFinished(() => idle.destroy())
    const call = open().keys.call.list({})
    await eventually(() => idle.closed)
    await call
  })
})

describe('the bounds of a message', () => {
  const request = (bytes: number) => ({
    conversationId: Buffer.alloc(bytes),
    beforeSeq: 0,
    limit: 0,
  })

  // A client that sends whatever it likes.
  async function historyCalls(options: Partial<ChannelOptions>) {
    const { server } = await setup()
    const channel = { 'grpc.max_send_message_length': -1, ...options }
    const client = openClient(chat.HistoryClient, server.address, { channel })
    onTestFinished(() => client.close())
    return client.call
  }

  test('256 KiB pass, more is refused and the connection lives on', async () => {
    const call = await historyCalls({})
    await expect(call.listMessages(request(256 * 1024 + 1))).rejects.toMatchObject({
      kind: 'exhausted',
      reason: 'GRPC_RESOURCE_EXHAUSTED',
    })
    await expect(call.listMessages(request(255 * 1024))).resolves.toBeDefined()
  })

  test('what inflates beyond the bound is refused', async () => {
    const call = await historyCalls({ 'grpc.default_compression_algorithm': 2 })
    await expect(call.listMessages(request(64 * 1024 * 1024))).rejects.toMatchObject({
      kind: 'exhausted',
    })
    await expect(call.listMessages(request(1_000))).resolves.toBeDefined()
  })
})
