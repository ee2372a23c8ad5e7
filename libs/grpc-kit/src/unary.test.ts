import { makeGenericClientConstructor, status } from '@grpc/grpc-js'
import { AppError } from '@parley/errors'
import { chat } from '@parley/proto'
import { eventually, freePort } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bearerMetadata, bearerToken, openClient, rawService } from './index.ts'
import type { CallInfo, ClientClass } from './index.ts'
import { setup } from './setup.fixture.ts'

describe('a unary call', () => {
  test('brings the request there and the answer back', async () => {
    const { open } = await setup({ list: () => ({ jwks: 'keys' }) })
    expect(await open().keys.call.list({})).toEqual({ jwks: 'keys' })
  })

  test('tells the handler path, peer and metadata', async () => {
    const calls: CallInfo[] = []
    const { open } = await setup({
      list: (_, call) => {
        calls.push(call)
        return { jwks: bearerToken(call.metadata) }
      },
    })
    const answer = await open().keys.call.list({}, { metadata: bearerMetadata('a.b.c') })
    expect(answer.jwks).toBe('a.b.c')
    expect(calls[0]).toMatchObject({ path: '/parley.common.v1.SigningKeys/List' })
    expect(calls[0]?.peer).toMatch(/^127\.0\.0\.1:\d+$/)
  })

  test('a missing token is refused with its reason', async () => {
    const { open } = await setup({ list: (_, call) => ({ jwks: bearerToken(call.metadata) }) })
    await expect(open().keys.call.list({})).rejects.toMatchObject({
      kind: 'unauthenticated',
      reason: 'TOKEN_MISSING',
    })
  })

  test('a foreseen failure arrives as itself and is not logged', async () => {
    const { open, lines } = await setup({
      list: () => {
        throw new AppError('conflict', 'NAME_TAKEN', 'that name is taken')
      },
    })
    await expect(open().keys.call.list({})).rejects.toMatchObject({
      kind: 'conflict',
      reason: 'NAME_TAKEN',
      message: 'that name is taken',
    })
    expect(lines).toEqual([])
  })

  test('a bug arrives as INTERNAL without its text, which is in the log with the stack', async () => {
    const { open, lines } = await setup({ list: () => Promise.reject(new Error('secret path')) })
    const error = await open()
      .keys.call.list({})
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ kind: 'internal', reason: 'INTERNAL', message: 'internal error' })
    expect(lines).toMatchObject([
      {
        msg: 'call failed unexpectedly',
        path: '/parley.common.v1.SigningKeys/List',
        err: { message: 'secret path', stack: expect.stringContaining('unary.test.ts') },
      },
    ])
  })

  test("the caller's deadline ends the call and aborts the handler's signal", async () => {
    const calls: CallInfo[] = []
    const { open } = await setup({
      list: (_, call) => {
        calls.push(call)
        return new Promise(() => undefined)
      },
    })
    await expect(open().keys.call.list({}, { deadlineMs: 50 })).rejects.toMatchObject({
      kind: 'deadline',
    })
    await eventually(() => calls[0]?.signal.aborted === true)
  })

  test("the caller's abort cancels the call and aborts the handler's signal", async () => {
    const calls: CallInfo[] = []
    const { open } = await setup({
      list: (_, call) => {
        calls.push(call)
        return new Promise(() => undefined)
      },
    })
    const controller = new AbortController()
    const call = open().keys.call.list({}, { signal: controller.signal })
    await eventually(() => calls.length === 1)
    controller.abort()
    await expect(call).rejects.toMatchObject({ kind: 'cancelled' })
    await eventually(() => calls[0]?.signal.aborted === true)
  })

  test('an abort beforehand makes no call', async () => {
    let calls = 0
    const { open } = await setup({ list: () => ({ jwks: String((calls += 1)) }) })
    const signal = AbortSignal.abort(new AppError('cancelled', 'STOPPING', 'stopping'))
    await expect(open().keys.call.list({}, { signal })).rejects.toMatchObject({
      reason: 'STOPPING',
    })
    expect(calls).toBe(0)
  })

  test('a server that is not there is unavailable', async () => {
    const address = `127.0.0.1:${await freePort()}`
    const client = openClient(chat.HistoryClient, address)
    onTestFinished(() => client.close())
    const call = client.call.listMessages(chat.ListMessagesRequest.create())
    await expect(call).rejects.toMatchObject({ kind: 'unavailable' })
  })
})

describe('a request that cannot be decoded', () => {
  // A raw definition lets the test send any bytes as a request.
  const Raw = makeGenericClientConstructor(rawService(chat.HistoryService), 'History')

  async function send(bytes: Buffer) {
    const { server, lines, open } = await setup()
    const raw = openClient(Raw as unknown as ClientClass<chat.HistoryClient>, server.address)
    onTestFinished(() => raw.close())
    const error = await raw.call
      .listMessages(bytes as unknown as chat.ListMessagesRequest)
      .catch((thrown: unknown) => thrown)
    const after = await open().history.call.listMessages(chat.ListMessagesRequest.create())
    return { error, lines, after }
  }

  test.each([
    ['2^53', Buffer.from([0x10, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10])],
    ['2^63 - 1', Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])],
    ['-2^63', Buffer.from([0x10, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01])],
  ])(
    'a number of %s is INVALID_ARGUMENT with a reason, and nobody else notices',
    async (_, bytes) => {
      const { error, lines, after } = await send(bytes)
      expect(error).toMatchObject({ kind: 'invalid', reason: 'NUMBER_TOO_LARGE' })
      expect(error).toMatchObject({ cause: { code: status.INVALID_ARGUMENT } })
      expect(lines).toEqual([])
      expect(after).toBeDefined()
    },
  )

  test.each([
    ['a truncated field', Buffer.from([0x0a, 0x10, 0x01])],
    ['an endless varint', Buffer.alloc(12, 0xff)],
    ['an illegal wire type', Buffer.from([0x0f, 0x00])],
  ])('%s is INVALID_ARGUMENT with a reason', async (_, bytes) => {
    const { error, lines } = await send(bytes)
    expect(error).toMatchObject({ kind: 'invalid', reason: 'REQUEST_MALFORMED' })
    expect(lines).toEqual([])
  })

  test('unknown fields are passed over', async () => {
    const { error } = await send(Buffer.from([0xf8, 0x07, 0x01]))
    expect(error).toEqual(chat.ListMessagesResponse.create())
  })
})
