import type { ChannelOptions } from '@grpc/grpc-js'
import { credentials, makeGenericClientConstructor } from '@grpc/grpc-js'
import { common, chat } from '@parley/proto'
import { Health } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  grpcService,
  healthService,
  keyMetadata,
  openClient,
  openSigningKeys,
  requireKey,
  serviceKeyHeader,
  signingKeysService,
  startGrpcServer,
  unary,
} from './index.ts'
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

describe('a service that requires a key', () => {
  async function guarded() {
    const { ctx } = await setup()
    const service = grpcService(common.SigningKeysService, {
      list: unary(ctx, () => ({ jwks: 'secret' })),
    })
    const stream = grpcService(chat.ChatService, {
      connect: () => {
        throw new Error('the guard let a stream through')
      },
    })
    const server = await startGrpcServer({
      host: '127.0.0.1',
      port: 0,
      services: [service, stream].map((open) => requireKey(open, serviceKeyHeader, 'the key')),
    })
    onTestFinished(() => server.close())
    return server.address
  }

  test('answers who has it', async () => {
    const metadata = keyMetadata(serviceKeyHeader, 'the key')
    const client = openClient(common.SigningKeysClient, await guarded(), { metadata })
    onTestFinished(() => client.close())
    expect(await client.call.list({})).toEqual({ jwks: 'secret' })
  })

  test.each([
    ['no key', {}],
    ['a wrong key', { metadata: keyMetadata(serviceKeyHeader, 'the kex') }],
    ['a longer key', { metadata: keyMetadata(serviceKeyHeader, 'the key and more') }],
    ['the key under another name', { metadata: keyMetadata('parley-operator-key', 'the key') }],
  ])('refuses %s', async (_, settings) => {
    const client = openClient(common.SigningKeysClient, await guarded(), settings)
    onTestFinished(() => client.close())
    await expect(client.call.list({})).rejects.toMatchObject({
      kind: 'unauthenticated',
      reason: 'KEY_INVALID',
    })
  })

  test('refuses a stream before its handler runs', async () => {
    const client = new chat.ChatClient(await guarded(), credentials.createInsecure())
    onTestFinished(() => client.close())
    const failed = new Promise((resolve) => client.connect().on('error', resolve).resume())
    expect(await failed).toMatchObject({ code: 16 })
  })
})

test("another service's signing keys can be asked for", async () => {
  const { ctx } = await setup()
  const services = [
    requireKey(signingKeysService(ctx, '{"keys":[]}'), serviceKeyHeader, 'k'.repeat(32)),
  ]
  const server = await startGrpcServer({ host: '127.0.0.1', port: 0, services })
  onTestFinished(() => server.close())
  const peer = openSigningKeys(server.address, 'k'.repeat(32))
  onTestFinished(() => peer.close())
  expect(await peer.fetch()).toBe('{"keys":[]}')
})

describe('the health service', () => {
  async function ask(service: string) {
    const { ctx } = await setup()
    const health = new Health()
    health.add('store', () => undefined)
    health.add('bus', () => Promise.reject(new Error('away')))
    const answering = healthService(ctx, health)
    const server = await startGrpcServer({ host: '127.0.0.1', port: 0, services: [answering] })
    onTestFinished(() => server.close())
    const Client = makeGenericClientConstructor(answering.definition, 'Health')
    const client = new Client(server.address, credentials.createInsecure())
    onTestFinished(() => client.close())
    return new Promise<unknown>((resolve) => {
      client['check']?.({ service }, (error: { code: number } | null, state: number) => {
        resolve(error ? { code: error.code } : state)
      })
    })
  }

  test.each([
    { name: '', answer: 1, note: 'the process serves while it answers' },
    { name: 'store', answer: 1, note: 'a check that holds' },
    { name: 'bus', answer: 2, note: 'a check that does not' },
    { name: 'nothing', answer: { code: 5 }, note: 'no such check' },
  ])('answers $name with $answer: $note', async ({ name, answer }) => {
    expect(await ask(name)).toEqual(answer)
  })
})
