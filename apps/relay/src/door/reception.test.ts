import { FakeScheduler, eventually } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { grpcDialect } from '../dialects/grpc/grpc-dialect.ts'
import { bareSocket } from '../testing/bare-socket.ts'
import { doorWorld } from '../testing/door-world.ts'
import { openDoor } from './listener.ts'

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
    expect(got.bytes.toString()).toBe('This is Parley. Spoken here: gRPC, WebSocket.\r\n')
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
