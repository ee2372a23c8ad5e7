import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { assertMayListen, formatAddress, isLoopback, listenError } from './index.ts'

describe('isLoopback', () => {
  test.each([
    '127.0.0.1',
    '127.9.9.9',
    'localhost',
    'LOCALHOST',
    '::1',
    '[::1]',
    '::ffff:127.0.0.1',
  ])('%s is', (host) => expect(isLoopback(host)).toBe(true))
  test.each(['0.0.0.0', '::', '10.0.0.1', '127.example.org', 'localhost.example.org', ''])(
    '%s is not',
    (host) => expect(isLoopback(host)).toBe(false),
  )
})

describe('assertMayListen', () => {
  const open = { host: '0.0.0.0', tls: false, allowPlaintext: false }

  test('refuses a public address without TLS', () => {
    expect(() => assertMayListen(open)).toThrow(
      expect.objectContaining({ kind: 'precondition', reason: 'PLAINTEXT_REFUSED' }),
    )
  })

  test.each([{ tls: true }, { allowPlaintext: true }, { host: '127.0.0.1' }])(
    'allows it given %j',
    (change) => expect(() => assertMayListen({ ...open, ...change })).not.toThrow(),
  )
})

test('a taken port becomes a conflict that names the address', async () => {
  const first = createServer()
  const port = await new Promise<number>((resolve) => {
    first.listen(0, '127.0.0.1', () => resolve((first.address() as { port: number }).port))
  })
  const failure = await new Promise<unknown>((resolve) => {
    createServer().once('error', resolve).listen(port, '127.0.0.1')
  })
  first.close()
  const error = listenError(failure, '127.0.0.1', port)
  expect(error).toMatchObject({ kind: 'conflict', reason: 'ADDRESS_IN_USE' })
  expect(error.message).toContain(`127.0.0.1:${port} is taken`)
  expect(listenError(new Error('EACCES'), 'h', 80)).toMatchObject({ reason: 'CANNOT_LISTEN' })
})

test('an IPv6 host is written in brackets', () => {
  expect(formatAddress('::1', 80)).toBe('[::1]:80')
  expect(formatAddress('127.0.0.1', 80)).toBe('127.0.0.1:80')
})
