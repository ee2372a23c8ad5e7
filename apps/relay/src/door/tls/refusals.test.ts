import { readFile } from 'node:fs/promises'
import { credentials } from '@grpc/grpc-js'
import { eventually, testAuthority } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { bareSocket, bareTlsSocket } from '../../testing/bare-socket.ts'
import { tlsWorld } from '../../testing/tls-world.ts'

describe('who does not agree on keys is closed and counted', () => {
  test('because it does not trust the authority', async () => {
    const world = await tlsWorld()
    const { pem } = await testAuthority()
    const device = world.dial(credentials.createSsl(pem))
    await eventually(() => device.end?.startsWith('UNAVAILABLE'))
    await eventually(() => world.counts.failed > 0)
  })

  test('because it speaks an old TLS', async () => {
    const { authority, door, counts } = await tlsWorld()
    const old = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'ALL@SECLEVEL=0' } as const
    const { got } = bareTlsSocket(door.address, { ca: authority.pem, ...old })
    await eventually(() => got.closed)
    expect(got.connected).toBe(false)
    await eventually(() => counts.failed === 1)
  })

  test('because it sends something else under the name of TLS', async () => {
    const { door, counts } = await tlsWorld()
    const { socket, got } = bareSocket(door.address)
    socket.write(Buffer.concat([Buffer.from([0x16, 0x03]), Buffer.alloc(4_096)]))
    await eventually(() => got.closed && counts.failed === 1)
    const next = bareSocket(door.address)
    next.socket.write('SAY still here')
    await eventually(() => next.got.bytes.toString() === 'SAY still here')
  })
})

describe('where clients must show certificates', () => {
  test('those of the right authority are served, others and none are not', async () => {
    const clientAuthority = await testAuthority()
    const world = await tlsWorld({ clientAuthority })
    const ann = await world.register('ann')
    const shown = async (authority: typeof clientAuthority) => {
      const pair = await authority.sign('client')
      return credentials.createSsl(
        world.authority.pem,
        await readFile(pair.key),
        await readFile(pair.cert),
      )
    }
    const right = world.dial(await shown(clientAuthority)).hello(ann)
    const wrong = world.dial(await shown(await testAuthority())).hello(ann)
    const none = world.dial(world.trusting).hello(ann)
    await eventually(() => right.of('caughtUp').length === 1)
    await eventually(() => expect(wrong.end).toMatch(/^UNAVAILABLE/))
    await eventually(() => expect(none.end).toMatch(/^UNAVAILABLE/))
    expect(right.ending).toBeUndefined()
    expect(world.engine.hub.sessions.size).toBe(1)
  })
})
