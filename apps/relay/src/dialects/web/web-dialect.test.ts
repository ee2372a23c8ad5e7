import { get } from 'node:http'
import type { Socket } from 'node:net'
import { grpcService, unary } from '@parley/grpc-kit'
import { common } from '@parley/proto'
import type { Timer } from '@parley/service-kit'
import { FakeScheduler, eventually } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openDoor } from '../../door/listener.ts'
import type { Connections } from '../../session/connections.ts'
import type { Engine } from '../../session/engine.ts'
import { bareSocket } from '../../testing/bare-socket.ts'
import { webDialect } from './web-dialect.ts'

const path = '/parley.common.v1.SigningKeys/List'

/** Notes how long each timer was to run. */
class WatchedScheduler extends FakeScheduler {
  readonly limits: number[] = []

  override setTimer(delayMs: number, fn: () => void): Timer {
    this.limits.push(delayMs)
    return super.setTimer(delayMs, fn)
  }
}

/** A door of HTTP alone, in a time of its own, with one method that answers when it is told to. */
async function setup() {
  const scheduler = new WatchedScheduler()
  const log = { error: () => undefined }
  const called: { answer: (jwks: string) => void; readonly signal: AbortSignal }[] = []
  const list = unary<object, common.SigningKeysListResponse>(
    { log },
    (_, { signal }) =>
      new Promise((resolve) => {
        called.push({ answer: (jwks) => resolve({ jwks }), signal })
      }),
  )
  const dialect = webDialect({
    engine: { scheduler } as unknown as Engine,
    connections: {} as Connections,
    services: [grpcService(common.SigningKeysService, { list })],
    webOrigins: [],
    log,
  })
  const bounds = { allowPlaintext: false, maxConnections: 10, maxConnectionsPerAddress: 10 }
  const taken: Socket[] = []
  const take = (socket: Socket) => {
    taken.push(socket)
    dialect.take(socket)
  }
  const dialects = [{ ...dialect, take }]
  const door = await openDoor({ host: '127.0.0.1', port: 0, ...bounds, dialects, scheduler })
  onTestFinished(() => door.close())
  const dial = () => {
    const { socket, got } = bareSocket(door.address)
    const text = () => got.bytes.toString()
    const say = (words: string) => void socket.write(words)
    return { socket, got, text, say }
  }
  /** So many limits of this length were set: then time may pass. */
  const limited = (ms: number, count: number) =>
    eventually(() => scheduler.limits.filter((one) => one === ms).length === count)
  return { door, dial, called, taken, limited, scheduler }
}

const head = (length: number) =>
  [
    `POST ${path} HTTP/1.1`,
    'Host: x',
    'Content-Type: application/json',
    `Content-Length: ${length}`,
    '\r\n',
  ].join('\r\n')
const call = `${head(2)}{}`
const chunkedHead = head(0).replace(/Content-Length.*/, 'Transfer-Encoding: chunked')
const count = (text: string, part: string) => text.split(part).length - 1

describe('a connection', () => {
  test('is kept for the next call, and closed when none comes', async () => {
    const { dial, called, limited, scheduler } = await setup()
    const { say, text, got } = dial()
    for (const n of [1, 2, 3]) {
      say(call)
      await eventually(() => called.length === n)
      called[n - 1]!.answer(`keys ${n}`)
      await eventually(() => text().includes(`{"jwks":"keys ${n}"}`))
      await limited(20_000, n)
      await scheduler.advance(19_000)
    }
    expect(text()).toContain('Keep-Alive: timeout=15\r\n')
    await scheduler.advance(1_000)
    await eventually(() => got.closed)
  })

  // First its first bytes have 10 s, then the head, then what follows.
  test.each([
    { note: 'head', said: call.slice(0, 30), limits: 2 },
    { note: 'body', said: call.slice(0, -1), limits: 3 },
    { note: 'chunks', said: `${chunkedHead}9\r\n{`, limits: 3 },
  ])('whose $note do not end is cut off after 10 s', async ({ said, limits }) => {
    const { dial, called, limited, scheduler } = await setup()
    const { say, got } = dial()
    say(said)
    await limited(10_000, limits)
    await scheduler.advance(10_000)
    await eventually(() => got.closed)
    expect(called).toEqual([])
  })

  test('that ends in the middle of a body asks nothing, and that ends before its answer gets none', async () => {
    const { dial, called, door } = await setup()
    const [early, late] = [dial(), dial()]
    early.say(head(10))
    early.socket.end('{')
    await eventually(() => early.got.closed)
    late.say(call)
    await eventually(() => called.length === 1)
    late.socket.destroy()
    await eventually(() => called[0]!.signal.aborted)
    called[0]!.answer('nobody is there')
    await door.close()
  })

  test('waits 30 s for an answer, and is told that it was too long', async () => {
    const { dial, called, scheduler } = await setup()
    const { say, text, got } = dial()
    say(call)
    await eventually(() => called.length === 1)
    await scheduler.advance(29_000)
    expect(called[0]!.signal.aborted).toBe(false)
    await scheduler.advance(1_000)
    await eventually(() => text().includes('"code":"deadline_exceeded"'))
    expect(text()).toMatch(/^HTTP\/1\.1 504 /)
    await eventually(() => called[0]!.signal.aborted)
    expect(got.closed).toBe(false)
  })

  test('that does not take its answer is cut off', async () => {
    const { dial, called, scheduler } = await setup()
    const { socket, say, got } = dial()
    say(call)
    await eventually(() => called.length === 1)
    socket.pause()
    called[0]!.answer('x'.repeat(32 * 1024 * 1024))
    await eventually(() => socket.bytesRead + socket.readableLength > 0)
    await scheduler.advance(41_000)
    socket.resume()
    await eventually(() => got.closed)
    expect(got.bytes.length).toBeLessThan(32 * 1024 * 1024)
  })

  test('that asks for a socket which is refused, and takes nothing, is cut off, too', async () => {
    const { dial, called, taken, scheduler } = await setup()
    const { socket, say } = dial()
    say(call)
    await eventually(() => called.length === 1)
    socket.pause()
    called[0]!.answer('x'.repeat(32 * 1024 * 1024))
    await eventually(() => socket.bytesRead + socket.readableLength > 0)
    say('GET /no HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    await eventually(() => taken[0]!.writableEnded)
    expect(taken[0]!.destroyed).toBe(false)
    await scheduler.advance(41_000)
    expect(taken[0]!.destroyed).toBe(true)
  })

  test('has eight calls under way, in order, and is cut off for one more', async () => {
    const { dial, called } = await setup()
    const [full, greedy] = [dial(), dial()]
    full.say(call.repeat(8))
    await eventually(() => called.length === 8)
    called.toReversed().forEach(({ answer }, i) => answer(`keys ${i}`))
    await eventually(() => count(full.text(), 'HTTP/1.1 200') === 8)
    expect([...full.text().matchAll(/keys (\d)/g)].map(([, i]) => Number(i))).toEqual([
      7, 6, 5, 4, 3, 2, 1, 0,
    ])
    greedy.say(call.repeat(9))
    await eventually(() => greedy.got.closed)
    expect(greedy.got.bytes).toHaveLength(0)
  })

  test('with a head of more than 8 KiB is refused', async () => {
    const { dial } = await setup()
    const { say, text, got } = dial()
    say(call.replace('Host: x', `Host: x\r\nLong: ${'x'.repeat(8_192)}`))
    await eventually(() => got.closed)
    expect(text()).toMatch(/^HTTP\/1\.1 431 /)
  })

  test('that offers HTTP/2 is answered in HTTP/1.1', async () => {
    const { dial, called } = await setup()
    const { say, text } = dial()
    const offer = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk'
    say(call.replace('Host: x', `Host: x\r\n${offer}`))
    await eventually(() => called.length === 1)
    called[0]!.answer('keys')
    await eventually(() => text().startsWith('HTTP/1.1 200 '))
  })
})

describe('a relay that stops', () => {
  test('lets idle connections go, answers what is under way, and takes no call more', async () => {
    const { dial, called, door, limited } = await setup()
    const [idle, busy, late] = [dial(), dial(), dial()]
    idle.say(call)
    await eventually(() => called.length === 1)
    called[0]!.answer('keys')
    await eventually(() => idle.text().endsWith('}'))
    busy.say(call)
    late.say(call.slice(0, 30))
    await eventually(() => called.length === 2)
    // Of three connections, each until it is known and until its head is there; and of two bodies.
    await limited(10_000, 8)
    const drained = door.drain(60_000)
    await eventually(() => idle.got.closed)
    late.say(call.slice(30))
    await eventually(() => late.got.closed)
    expect(late.text()).toMatch(/^HTTP\/1\.1 503 [^]*Connection: close/)
    called[1]!.answer('last keys')
    await eventually(() => busy.got.closed)
    expect(busy.text()).toMatch(/^HTTP\/1\.1 200 [^]*Connection: close[^]*last keys/)
    await drained
    expect(called).toHaveLength(2)
  })
})

describe('a page that is only looked at', () => {
  const look = (address: string, at: string) =>
    new Promise<{ status: number | undefined; text: string }>((resolve) => {
      get(`http://${address}${at}`, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part) => (text += part))
        response.on('end', () => resolve({ status: response.statusCode, text }))
      })
    })

  test.each([
    { at: '/', status: 426 },
    { at: '/chat', status: 426 },
    { at: '/admin', status: 404 },
    { at: path, status: 405 },
  ])('at $at says what is spoken here', async ({ at, status }) => {
    const { door } = await setup()
    const answer = await look(door.address, at)
    expect(answer.status).toBe(status)
    expect(answer.text).toMatch(/WebSocket|POST/)
  })
})
