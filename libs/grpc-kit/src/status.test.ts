import { Metadata, status } from '@grpc/grpc-js'
import { AppError, errorKinds } from '@parley/errors'
import type { ErrorKind } from '@parley/errors'
import { describe, expect, test } from 'vitest'
import { appErrorFromGrpc, grpcCode, grpcStatus } from './index.ts'

const received = (error: unknown) =>
  appErrorFromGrpc(Object.assign(new Error('14 x'), grpcStatus(error)))

describe('an error on its way through gRPC', () => {
  // Two kinds share the code of another, because gRPC has none of their own.
  const shared: Partial<Record<ErrorKind, ErrorKind>> = {
    unprocessable: 'invalid',
    'rate-limited': 'exhausted',
  }

  test.each(Object.keys(errorKinds) as ErrorKind[])('keeps kind, reason and words: %s', (kind) => {
    const error = received(new AppError(kind, 'SOME_REASON', 'some words'))
    expect(error.kind).toBe(shared[kind] ?? kind)
    expect(error).toMatchObject({ reason: 'SOME_REASON', message: 'some words' })
  })

  test('keeps the delay after which to repeat', () => {
    const error = received(new AppError('rate-limited', 'SLOW_DOWN', 'x', { retryAfterMs: 99.5 }))
    expect(error.retryAfterMs).toBe(100)
    expect(received(new AppError('invalid', 'NAME_BAD', 'x')).retryAfterMs).toBeUndefined()
  })

  test('an unknown failure is INTERNAL and tells nothing', () => {
    const answer = grpcStatus(new Error('secret path'))
    expect(answer).toMatchObject({ code: status.INTERNAL, details: 'internal error' })
  })

  test('half a surrogate pair in the words does not break the answer', () => {
    const { details } = grpcStatus(new AppError('invalid', 'NAME_BAD', 'name \ud800 is bad'))
    expect(() => encodeURI(details)).not.toThrow()
  })

  test('a status without a reason, as grpc-js itself makes them, gets one from its code', () => {
    const failure = { code: status.UNAVAILABLE, details: 'no connection', metadata: new Metadata() }
    const error = appErrorFromGrpc(Object.assign(new Error('x'), failure))
    expect(error).toMatchObject({
      kind: 'unavailable',
      reason: 'GRPC_UNAVAILABLE',
      message: 'no connection',
    })
  })

  test('a reason from the wire that is not one is not believed', () => {
    const metadata = new Metadata()
    metadata.set('parley-reason', 'drop table')
    const failure = { code: status.NOT_FOUND, details: 'x', metadata }
    const error = appErrorFromGrpc(Object.assign(new Error('x'), failure))
    expect(error.reason).toBe('GRPC_NOT_FOUND')
  })

  test('what is no gRPC error is an unknown one', () => {
    expect(appErrorFromGrpc(new TypeError('bug'))).toMatchObject({ reason: 'INTERNAL' })
    expect(appErrorFromGrpc('bug')).toMatchObject({ reason: 'INTERNAL' })
  })

  test('no kind of ours answers OK or UNKNOWN', () => {
    const codes = (Object.keys(errorKinds) as ErrorKind[]).map(grpcCode)
    expect(codes).not.toContain(status.OK)
    expect(codes).not.toContain(status.UNKNOWN)
  })
})
