import { Metadata, status } from '@grpc/grpc-js'
import { grpcStatus } from '@parley/grpc-kit'
import { AppError } from '@parley/errors'
import { describe, expect, test } from 'vitest'
import { callError } from './call-error.ts'

function silence(code: status, details: string) {
  return Object.assign(new Error(details), { code, details, metadata: new Metadata() })
}

describe('the failure of a call', () => {
  test.each([
    ['connect ECONNREFUSED 127.0.0.1:1. Resolution note: ', 'the connection is refused'],
    ['Name resolution failed for target dns:example.invalid:20000', 'its name is not known'],
    ['SSL routines:tls_validate_record_header:wrong version number:', 'it does not speak TLS'],
    ['Last error: Protocol error (2026-11-21T13:07:59.556Z)', 'it does not speak gRPC'],
    ['Connection dropped', 'the connection is lost'],
  ])('says plainly why no server has spoken: %s', (details, why) => {
    expect(callError(silence(status.UNAVAILABLE, details), 'chat.example:1')).toMatchObject({
      kind: 'unavailable',
      reason: 'UNREACHABLE',
      message: `chat.example:1 cannot be reached: ${why}`,
    })
  })

  test('tells a server that does not answer from one that is not there', () => {
    const late = silence(status.DEADLINE_EXCEEDED, 'Deadline exceeded after 9.987s,LB pick')
    expect(callError(late, 'chat.example:1')).toMatchObject({
      kind: 'deadline',
      reason: 'UNREACHABLE',
      message: 'chat.example:1 cannot be reached: it does not answer',
    })
  })

  test('is what a server said, when one did', () => {
    const { code, details, metadata } = grpcStatus(new AppError('unavailable', 'BUSY', 'too busy'))
    const said = Object.assign(new Error(details), { code, details, metadata })
    expect(callError(said, 'chat.example:1')).toMatchObject({ reason: 'BUSY', message: 'too busy' })
  })
})
