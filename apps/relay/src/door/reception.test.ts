import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { systemScheduler } from '@parley/service-kit'
import { FakeScheduler, eventually } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { grpcDialect } from '../dialects/grpc/grpc-dialect.ts'
import { bareSocket } from '../testing/bare-socket.ts'
import { doorWorld } from '../testing/door-world.ts'
import { echoDialect } from '../testing/echo-dialect.ts'
import { openDoor } from './listener.ts'
import { Reception } from './reception.ts'

const settingsFrame = 4
const http2 = {
  opening: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  isAnswer: (got: Buffer) => got[3] === settingsFrame,
}
const http1 = {
  opening: 'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
  isAnswer: (got: Buffer) => got.toString().startsWith('HTTP/1.1 426'),
}

describe('a connection finds its dialect', () => {
  test.each([
    { note: 'HTTP/2 in one piece', ...http2, piece: 100 },
    { note: 'HTTP/2 byte by byte', ...http2, piece: 1 },
    { note: 'HTTP/1 in one piece', ...http1, piece: 100 },
    { note: 'HTTP/1 byte by byte', ...http1, piece: 1 },
  ])('by its first bytes: $note', async ({ opening, piece, isAnswer }) => {
    const { door } = await doorWorld()
    const { socket, got } = bareSocket(door.address)
    const bytes = Buffer.from(opening)
    const settings = Buffer.from([0, 0, 0, settingsFrame, 0, 0, 0, 0, 0])
    for (let at = 0; at < bytes.length; at += piece) {
      socket.write(bytes.subarray(at, at + piece))
      await new Promise((resolve) => setImmediate(resolve))
    }
    if (opening === http2.opening) socket.write(settings)
    await eventually(() => isAnswer(got.bytes))
  })
})

describe('a connection that speaks no dialect', () => {
  test.each([
    { note: 'other words', bytes: 'EHLO me\r\n' },
    { note: 'the preface with a mistake', bytes: 'PRI * HTTP/3.0\r\n\r\nSM\r\n\r\n' },
    { note: 'zeros', bytes: Buffer.alloc(4_096) },
    { note: 'much', bytes: Buffer.alloc(4 * 1024 * 1024, 0x80) },
  ])('is told what is spoken here, and closed: $note', async ({ bytes }) => {
    const { door } = await doorWorld()
    const { socket, got } = bareSocket(door.address)
    socket.write(bytes)
    await eventually(() => got.closed)
    expect(got.bytes.toString()).toBe('This is Parley. Spoken here: gRPC, HTTP.\r\n')
  })

  test('and does not hang up is cut off', async () => {
    const { door } = await doorWorld()
    const { socket, got } = bareSocket(door.address)
    socket.allowHalfOpen = true
    await eventually(() => {
      socket.write('EHLO me\r\n')
      return got.closed
    })
  })

  test('because it ends at once is let go', async () => {
    const { door } = await doorWorld()
    const { socket, got } = bareSocket(door.address)
    socket.end('PRI')
    await eventually(() => got.closed)
    expect(got.bytes).toHaveLength(0)
  })
})

describe('a dialect that carries passwords in clear', () => {
  test('is served over loopback', async () => {
    const { door } = await doorWorld({ dialects: () => [echoDialect()] })
    const { socket, got } = bareSocket(door.address)
    socket.write('SAY hello')
    await eventually(() => got.bytes.toString() === 'SAY hello')
    const other = bareSocket(door.address)
    other.socket.write('EHLO me')
    await eventually(() => other.got.closed)
    expect(other.got.bytes.toString()).toContain('Spoken here: gRPC, HTTP, Echo.')
  })

  test.each([
    {
      allowPlaintext: false,
      bytes: 'SAY it',
      answer: /^This is Parley. Echo .* TLS .* only.\r\n$/,
    },
    { allowPlaintext: true, bytes: 'SAY it', answer: /^SAY it$/ },
    { allowPlaintext: false, bytes: 'EHLO', answer: /here: gRPC\.\r\n$/ },
    { allowPlaintext: true, bytes: 'EHLO', answer: /here: gRPC, Echo\.\r\n$/ },
  ])('over a network: $bytes', async ({ allowPlaintext, bytes, answer }) => {
    const address = await overNetwork(allowPlaintext)
    const { socket, got } = bareSocket(address)
    socket.write(bytes)
    await eventually(() => expect(got.bytes.toString()).toMatch(answer))
    socket.end()
    await eventually(() => got.closed)
  })
})

/** A reception that takes every connection for one from afar. */
async function overNetwork(allowPlaintext: boolean): Promise<string> {
  const dialects = [grpcDialect([]), echoDialect()]
  const reception = new Reception({ dialects, allowPlaintext, scheduler: systemScheduler })
  const listener = createServer((socket) => {
    reception.receive(socket, { inTls: false, overLoopback: false })
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void listener.close())
  return `127.0.0.1:${(listener.address() as AddressInfo).port}`
}

describe('a connection that says nothing', () => {
  test.each(['', 'PRI * HT'])('but "%s" is closed after 10 s', async (start) => {
    const scheduler = new FakeScheduler()
    const bounds = { allowPlaintext: false, maxConnections: 10, maxConnectionsPerAddress: 10 }
    const dialects = [grpcDialect([])]
    const door = await openDoor({ host: '127.0.0.1', port: 0, ...bounds, dialects, scheduler })
    onTestFinished(() => door.close())
    const { socket, got } = bareSocket(door.address)
    socket.write(start)
    await eventually(() => scheduler.pendingTimers === 1)
    await scheduler.advance(9_999)
    expect(scheduler.pendingTimers).toBe(1)
    await scheduler.advance(1)
    await eventually(() => got.closed)
  })
})
