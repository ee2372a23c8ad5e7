import { Buffer } from 'node:buffer'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { FakeScheduler, eventually, tempFolder, testAuthority } from '@parley/testkit'
import type { Pair } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { bareTlsSocket } from '../../testing/bare-socket.ts'
import { echoDialect } from '../../testing/echo-dialect.ts'
import { countingEvents } from '../../testing/tls-world.ts'
import { openDoor } from '../listener.ts'

const lookEveryMs = 30_000
const place = { host: '127.0.0.1', port: 0, allowPlaintext: false }
const limits = { maxConnections: 100, maxConnectionsPerAddress: 100 }

async function setup() {
  const authority = await testAuthority()
  const folder = await tempFolder()
  const used: Pair = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') }
  await replace(used, await authority.sign('first'))
  const scheduler = new FakeScheduler()
  const { events, counts } = countingEvents()
  const door = await openDoor({
    ...place,
    ...limits,
    dialects: [echoDialect()],
    tls: { files: { ...used, clientCa: undefined }, events },
    scheduler,
  })
  onTestFinished(() => door.close())
  const dial = async () => {
    const { socket, got } = bareTlsSocket(door.address, { ca: authority.pem })
    await eventually(() => got.connected)
    return { socket, got, shown: (socket as TLSSocket).getPeerCertificate().subject.CN }
  }
  return { authority, used, scheduler, counts, dial }
}

async function replace(used: Pair, by: Pair): Promise<void> {
  await copyFile(by.cert, used.cert)
  await copyFile(by.key, used.key)
}

test('a certificate that was renewed on disk is taken, and open connections live on', async () => {
  const { authority, used, scheduler, counts, dial } = await setup()
  const before = await dial()
  expect(before.shown).toBe('first')
  before.socket.write('SAY it')
  await eventually(() => before.got.bytes.toString() === 'SAY it')
  await replace(used, await authority.sign('second'))
  expect((await dial()).shown).toBe('first')
  await scheduler.advance(lookEveryMs)
  await eventually(() => counts.renewed === 1)
  expect((await dial()).shown).toBe('second')
  before.socket.write(', again')
  await eventually(() => before.got.bytes.toString() === 'SAY it, again')
})

test('files that do not fit together change nothing, are told of once, and taken when they do', async () => {
  const { authority, used, scheduler, counts, dial } = await setup()
  const second = await authority.sign('second')
  await copyFile(second.cert, used.cert)
  await scheduler.advance(lookEveryMs)
  await eventually(() => counts.refusals.length === 1)
  expect((await dial()).shown).toBe('first')
  await copyFile(second.key, used.key)
  await scheduler.advance(lookEveryMs)
  await eventually(() => counts.renewed === 1)
  expect((await dial()).shown).toBe('second')
  await writeFile(used.key, Buffer.from('no key at all'))
  await scheduler.advance(lookEveryMs)
  await eventually(() => counts.refusals.length === 2)
  expect((await dial()).shown).toBe('second')
})
