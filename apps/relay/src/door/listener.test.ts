import { connect, constants } from 'node:http2'
import type { ClientHttp2Session } from 'node:http2'
import { connect as connectPlainly } from 'node:net'
import { systemScheduler } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { grpcDialect } from '../dialects/grpc/grpc-dialect.ts'
import { openDoor } from './listener.ts'

async function setup(limits: { maxConnections?: number; maxConnectionsPerAddress?: number }) {
  const place = { host: '127.0.0.1', port: 0, allowPlaintext: false }
  const many = { maxConnections: 100, maxConnectionsPerAddress: 100 }
  const door = await openDoor({
    ...place,
    ...many,
    ...limits,
    dialects: [grpcDialect([])],
    scheduler: systemScheduler,
  })
  onTestFinished(() => door.close())
  return { door, dial: () => dial(door.address) }
}

function dial(address: string): ClientHttp2Session {
  const session = connect(`http://${address}`)
  session.on('error', () => undefined)
  onTestFinished(() => session.destroy())
  return session
}

/** Whether the server answers on this connection; its settings are its first word. */
const isTaken = (session: ClientHttp2Session) =>
  new Promise<boolean>((resolve) => {
    session.once('remoteSettings', () => resolve(true))
    session.once('close', () => resolve(false))
  })

test.each([
  { note: 'of one address', limits: { maxConnectionsPerAddress: 2 } },
  { note: 'in all', limits: { maxConnections: 2 } },
])('so many connections $note are taken; one more when another has ended', async ({ limits }) => {
  const { dial } = await setup(limits)
  const [first, second] = [dial(), dial()]
  expect(await Promise.all([first, second].map(isTaken))).toEqual([true, true])
  expect(await isTaken(dial())).toBe(false)
  first.destroy()
  await eventually(async () => expect(await isTaken(dial())).toBe(true))
  expect(second.closed).toBe(false)
})

test('a connection has so many calls at once', async () => {
  const { dial } = await setup({})
  const session = dial()
  await isTaken(session)
  expect(session.remoteSettings.maxConcurrentStreams).toBe(8)
})

test('who begins calls only to reset them is cut off, others are not', async () => {
  const { dial } = await setup({})
  const [hasty, patient] = [dial(), dial()]
  await Promise.all([hasty, patient].map(isTaken))
  const cut = new Promise<number>((resolve) => hasty.once('goaway', resolve))
  for (let i = 0; i < 5_000 && !hasty.closed; i += 1) {
    const call = hasty.request({ ':method': 'POST', ':path': '/parley.chat.v1.Chat/Connect' })
    call.on('error', () => undefined)
    call.close(constants.NGHTTP2_CANCEL)
    if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  expect(await cut).not.toBe(constants.NGHTTP2_NO_ERROR)
  expect(patient.closed).toBe(false)
})

test('a header block that never ends is cut off', async () => {
  const { door } = await setup({})
  const [host, port] = door.address.split(':')
  const socket = connectPlainly(Number(port), host)
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined).resume()
  const [settings, headers, continuation] = [4, 1, 9]
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  socket.write(Buffer.concat([frame(settings, 0, 0), frame(headers, 1, 16)]))
  for (let i = 0; i < 1_000; i += 1) socket.write(frame(continuation, 1, 1_024))
  await eventually(() => socket.closed)
})

/** An HTTP/2 frame without flags, its payload zeros. */
function frame(type: number, stream: number, bytes: number): Buffer {
  const whole = Buffer.alloc(9 + bytes)
  whole.writeUIntBE(bytes, 0, 3)
  whole.writeUInt8(type, 3)
  whole.writeUInt32BE(stream, 5)
  return whole
}

test('a door that closes lets nobody hang on', async () => {
  const { door, dial } = await setup({})
  const session = dial()
  await isTaken(session)
  await door.close()
  await eventually(() => session.closed)
  expect(await isTaken(dial())).toBe(false)
})
