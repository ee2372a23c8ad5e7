import { Metadata, status } from '@grpc/grpc-js'
import { AppError } from '@parley/errors'
import { chat, common } from '@parley/proto'
import { describe, expect, test } from 'vitest'
import { bearerToken, bidi, grpcService, reasonTrailer, unary, unaryMethods } from './index.ts'
import type { CallInfo, UnaryHandler } from './index.ts'

type List = UnaryHandler<common.SigningKeysListRequest, common.SigningKeysListResponse>

const path = '/parley.common.v1.SigningKeys/List'

function setup(list: List) {
  const logged: object[] = []
  const ctx = { log: { error: (line: object) => void logged.push(line) } }
  const services = [
    grpcService(common.SigningKeysService, { list: unary(ctx, list) }),
    grpcService(chat.ChatService, { connect: bidi(ctx, () => Promise.resolve()) }),
  ]
  const metadata = new Metadata()
  metadata.set('authorization', 'Bearer a.b.c')
  const caller = new AbortController()
  const info = { path, peer: '127.0.0.1:7', metadata, signal: caller.signal }
  const methods = unaryMethods(services)
  const ask = (bytes = Buffer.alloc(0)) => methods[0]!.answer(bytes, info)
  return { methods, ask, caller, logged }
}

describe('the methods of services without gRPC', () => {
  test('are those that are no streams', () => {
    const { methods } = setup(() => ({ jwks: '' }))
    expect(methods.map((method) => method.path)).toEqual([path])
  })

  test('are told who calls, and answer in bytes', async () => {
    const calls: CallInfo[] = []
    const { ask } = setup((_, call) => {
      calls.push(call)
      return { jwks: bearerToken(call.metadata) }
    })
    const answer = await ask()
    const bytes = answer.ok ? answer.bytes : Buffer.alloc(0)
    expect(common.SigningKeysListResponse.decode(bytes)).toEqual({ jwks: 'a.b.c' })
    expect(calls).toMatchObject([{ path, peer: '127.0.0.1:7' }])
  })

  test('fail with the status that gRPC would send', async () => {
    const { ask, logged } = setup(() => {
      throw new AppError('conflict', 'NAME_TAKEN', 'that name is taken')
    })
    const answer = await ask()
    if (answer.ok) throw new Error('it succeeded')
    expect(answer.status).toMatchObject({
      code: status.ALREADY_EXISTS,
      details: 'that name is taken',
    })
    expect(answer.status.metadata.get(reasonTrailer)).toEqual(['NAME_TAKEN'])
    expect(logged).toEqual([])
  })

  test('hide a bug and log it', async () => {
    const { ask, logged } = setup(() => Promise.reject(new Error('secret path')))
    expect(await ask()).toMatchObject({ status: { details: 'internal error' } })
    expect(logged).toMatchObject([{ path, err: { message: 'secret path' } }])
  })

  test('refuse bytes that are no request', async () => {
    const { ask } = setup(() => ({ jwks: '' }))
    const answer = await ask(Buffer.from([0x0f, 0x00]))
    expect(answer).toMatchObject({ ok: false, status: { code: status.INVALID_ARGUMENT } })
  })

  test('hear when their caller is gone', async () => {
    const { ask, caller } = setup(
      (_, { signal }) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve({ jwks: 'gone' }))),
    )
    const answer = ask()
    caller.abort()
    expect(await answer).toMatchObject({ ok: true })
  })
})
