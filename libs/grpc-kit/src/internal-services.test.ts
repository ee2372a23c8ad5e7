import { credentials, makeGenericClientConstructor } from '@grpc/grpc-js'
import { chat, common } from '@parley/proto'
import { Health } from '@parley/service-kit'
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
