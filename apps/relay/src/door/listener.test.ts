import { connect } from 'node:http2'
import type { ClientHttp2Session } from 'node:http2'
import { eventually } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { openDoor } from './listener.ts'

async function setup(limits: { maxConnections?: number; maxConnectionsPerAddress?: number }) {
  const place = { host: '127.0.0.1', port: 0, allowPlaintext: false }
  const many = { maxConnections: 100, maxConnectionsPerAddress: 100 }
  const door = await openDoor({ ...place, ...many, ...limits, services: [] })
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

test('a door that closes lets nobody hang on', async () => {
  const { door, dial } = await setup({})
  const session = dial()
  await isTaken(session)
  await door.close()
  await eventually(() => session.closed)
  expect(await isTaken(dial())).toBe(false)
})
