import { describe, expect, test } from 'vitest'
import { arrivalOf, mayServe } from './arrival.ts'

const lan = '192.0.2.7'

describe('how a connection has come', () => {
  test.each([
    { remoteAddress: '127.0.0.1', overLoopback: true },
    { remoteAddress: '::1', overLoopback: true },
    { remoteAddress: '::ffff:127.0.0.1', overLoopback: true },
    { remoteAddress: lan, overLoopback: false },
    { remoteAddress: `::ffff:${lan}`, overLoopback: false },
    { remoteAddress: undefined, overLoopback: false },
  ])('is seen by the address of its peer: $remoteAddress', ({ remoteAddress, overLoopback }) => {
    expect(arrivalOf({ remoteAddress }, false)).toEqual({ inTls: false, overLoopback })
  })
})

describe('what is spoken', () => {
  const tls = { allowPlaintext: false, hasTls: true }
  const noTls = { allowPlaintext: false, hasTls: false }
  const allowed = { allowPlaintext: true, hasTls: true }
  const [clear, guarded] = [{ clearPasswords: true }, {}]
  test.each([
    { note: 'inside TLS', address: lan, inTls: true, permissions: tls, served: [true, true] },
    { note: 'over loopback', address: '::1', inTls: false, permissions: tls, served: [true, true] },
    {
      note: 'as was allowed in words',
      address: lan,
      inTls: false,
      permissions: allowed,
      served: [true, true],
    },
    {
      note: 'over a network beside TLS: nothing',
      address: lan,
      inTls: false,
      permissions: tls,
      served: [false, false],
    },
    {
      note: 'over a network without TLS: no password in clear',
      address: lan,
      inTls: false,
      permissions: noTls,
      served: [false, true],
    },
  ])('$note', ({ address, inTls, permissions, served }) => {
    const arrival = arrivalOf({ remoteAddress: address }, inTls)
    expect([clear, guarded].map((each) => mayServe(each, arrival, permissions))).toEqual(served)
  })
})
