import { Client, credentials } from '@grpc/grpc-js'
import type { handleUnaryCall } from '@grpc/grpc-js'
import { grpcService } from '@parley/grpc-kit'
import { FakeScheduler, eventually } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bareSocket } from '../../testing/bare-socket.ts'
import { clientHello, isServed, tlsDoor } from '../../testing/tls-door.ts'
import { tlsWorld } from '../../testing/tls-world.ts'
import { grpcDialect } from '../../dialects/grpc/grpc-dialect.ts'
import { callerAddress } from '../../security/caller-address.ts'
import { farewell } from '../farewell.ts'

/** A client's first words in TLS, the length of which says that more is to come. */
const beginning = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01])

describe('a connection of TLS', () => {
  test.each([
    { note: 'of one address', limits: { maxConnectionsPerAddress: 2 } },
    { note: 'in all', limits: { maxConnections: 2 } },
  ])('counts as one: $note', async ({ limits }) => {
    const { secure } = await tlsDoor(limits)
    const [first, second] = [secure(), secure()]
    expect(await Promise.all([first, second].map(isServed))).toEqual([true, true])
    expect(await isServed(secure())).toBe(false)
    first.socket.destroy()
    await eventually(async () => expect(await isServed(secure())).toBe(true))
    expect(second.got.closed).toBe(false)
  })

  test('has 10 s to agree on keys, also one that says a little again and again', async () => {
    const scheduler = new FakeScheduler()
    const { door, counts } = await tlsDoor({ scheduler })
    const idle = scheduler.pendingTimers
    const { socket, got } = bareSocket(door.address)
    socket.write(await clientHello())
    await eventually(() => got.bytes.length > 0)
    expect(scheduler.pendingTimers).toBe(idle + 1)
    await scheduler.advance(9_999)
    socket.write(beginning)
    expect(got.closed).toBe(false)
    await scheduler.advance(1)
    await eventually(() => got.closed && counts.failed === 1)
    await eventually(() => scheduler.pendingTimers === idle)
  })

  test('has 10 s more to show what it speaks inside', async () => {
    const scheduler = new FakeScheduler()
    const { secure } = await tlsDoor({ scheduler })
    const idle = scheduler.pendingTimers
    const { socket, got } = secure()
    // The last that the relay says of itself: it has agreed.
    await new Promise((resolve) => socket.once('session', resolve))
    expect(scheduler.pendingTimers).toBe(idle + 1)
    await scheduler.advance(9_999)
    expect(got.closed).toBe(false)
    await scheduler.advance(1)
    await eventually(() => got.closed)
    expect(scheduler.pendingTimers).toBe(idle)
  })
})

test('who reads nothing is not read from, and gets everything once it reads', async () => {
  const { secure } = await tlsDoor()
  const { socket, got } = secure()
  await eventually(() => got.connected)
  socket.pause()
  socket.write('SAY ')
  const piece = Buffer.alloc(64 * 1024, 'x')
  let written = 4
  const isStuck = () =>
    new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(true), 250)
      socket.write(piece, () => {
        clearTimeout(timer)
        resolve(false)
      })
      written += piece.length
    })
  while (!(await isStuck())) expect(written).toBeLessThan(64 * 1024 * 1024)
  socket.resume()
  await eventually(() => got.bytes.length === written)
})

test('a caller by gRPC is limited by the address that it has outside TLS', async () => {
  const callers: string[] = []
  const method = {
    path: '/test.Peers/Tell',
    requestStream: false,
    responseStream: false,
    requestSerialize: (bytes: Buffer) => bytes,
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: (bytes: Buffer) => bytes,
    responseDeserialize: (bytes: Buffer) => bytes,
  }
  const tell: handleUnaryCall<Buffer, Buffer> = (call, answer) => {
    callers.push(callerAddress(call.getPeer()))
    answer(null, Buffer.alloc(0))
  }
  const peers = grpcService({ tell: method }, { tell })
  const { door, authority } = await tlsDoor({ dialects: [grpcDialect([peers])] })
  const client = new Client(door.address, credentials.createSsl(authority.pem))
  onTestFinished(() => client.close())
  const bytes = (each: Buffer) => each
  await new Promise<void>((resolve, reject) => {
    client.makeUnaryRequest(method.path, bytes, bytes, Buffer.alloc(0), (error) =>
      error === null ? resolve() : reject(error),
    )
  })
  expect(callers).toEqual(['127.0.0.1'])
})

describe('a relay that stops', () => {
  test('lets devices inside TLS go, and waits for nobody who has not agreed on keys', async () => {
    const world = await tlsWorld()
    const ann = await world.register('ann')
    const here = world.dial(world.trusting).hello(ann)
    await eventually(() => here.of('caughtUp').length === 1)
    const stalled = bareSocket(world.door.address)
    stalled.socket.write(beginning)
    const mute = world.secureSocket()
    await eventually(() => mute.got.connected)
    const over = farewell(world.door, world.connections, 20_000)
    await eventually(() => here.of('goAway').length === 1)
    await eventually(() => stalled.got.closed && mute.got.closed)
    here.tell({ $case: 'bye', value: {} })
    await over
    expect(here.end).toBe('OK ')
  })

  test('sends away who has not gone in time', async () => {
    const world = await tlsWorld()
    const ann = await world.register('ann')
    const here = world.dial(world.trusting).hello(ann)
    await eventually(() => here.of('caughtUp').length === 1)
    await farewell(world.door, world.connections, 200)
    await eventually(() => here.end === 'UNAVAILABLE GOING_AWAY')
  })
})
