import { chat, common } from '@parley/proto'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  bidi,
  encodeOnce,
  grpcService,
  openClient,
  rawService,
  readStream,
  startGrpcServer,
} from './index.ts'
import { setup } from './setup.fixture.ts'

const response: chat.ConnectResponse = {
  events: [{ event: { $case: 'pong', value: { nonce: 7, serverTimeMs: 8 } } }],
}

describe('rawService', () => {
  const codecs = { connect: { request: chat.ConnectRequest, response: chat.ConnectResponse } }

  test("hands on the encoder's own bytes", () => {
    const bytes = new Uint8Array([8, 7])
    const codec = { encode: () => ({ finish: () => bytes }) }
    const raw = rawService(common.SigningKeysService, { list: { response: codec } })
    const out: Buffer = raw.list.responseSerialize({ jwks: 'x' })
    expect(out.buffer).toBe(bytes.buffer)
    expect(Buffer.isBuffer(out)).toBe(true)
  })

  test('serialises as the generated definition does, with and without codecs', () => {
    const expected = chat.ChatService.connect.responseSerialize(response)
    for (const raw of [rawService(chat.ChatService, codecs), rawService(chat.ChatService)]) {
      expect(raw.connect.responseSerialize(response)).toEqual(expected)
      expect(raw.connect.path).toBe('/parley.chat.v1.Chat/Connect')
    }
  })

  test('lets an encoded message through as it is', () => {
    const encoded = encodeOnce(chat.ConnectResponse, response)
    const { connect } = rawService(chat.ChatService, codecs)
    expect(connect.responseSerialize(encoded as never)).toBe(encoded)
  })

  test('one encoded message reaches every stream it is written to', async () => {
    const { ctx } = await setup()
    const encoded = encodeOnce(chat.ConnectResponse, response)
    const connect = bidi<chat.ConnectRequest, chat.ConnectResponse>(ctx, async (_, writer) => {
      await writer.write(encoded)
    })
    const services = [grpcService(rawService(chat.ChatService, codecs), { connect })]
    const server = await startGrpcServer({ host: '127.0.0.1', port: 0, services })
    onTestFinished(() => server.close())
    const client = openClient(chat.ChatClient, server.address)
    onTestFinished(() => client.close())
    for (let stream = 0; stream < 2; stream += 1) {
      const first = await readStream<chat.ConnectResponse>(client.client.connect()).next()
      expect(first.value).toEqual(response)
    }
  })
})
