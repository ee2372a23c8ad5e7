import type { TLSSocket } from 'node:tls'
import { eventually } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bareSocket, bareTlsSocket } from '../../testing/bare-socket.ts'
import { tlsWorld } from '../../testing/tls-world.ts'
import type { TlsWorld } from '../../testing/tls-world.ts'
import { WebDevice } from '../../testing/web-device.ts'
import type { Dialect } from '../dialect.ts'

describe('inside TLS', () => {
  test('gRPC, WebSocket and plain sockets talk with one another', async () => {
    const world = await tlsWorld()
    const [ann, bob] = [await world.register('ann'), await world.register('bob')]
    await world.befriend(ann, bob)
    const web = webDevice(world)
    await web.hello(bob)
    const secured = world.dial(world.trusting).hello(ann)
    const plain = world.connect(await world.another(bob))
    await eventually(() => expect([secured, plain, web].map(isThere)).toEqual([true, true, true]))
    const texts = Array.from({ length: 200 }, (_, i) => `${i} ${'x'.repeat(1_000)}`)
    texts.forEach((text, i) => secured.send(i + 1, { user: bob.userId }, text))
    await eventually(() => expect(web.texts).toEqual(texts))
    await eventually(() => expect(plain.texts).toEqual(texts))
  })

  test('a dialect in clear is served, byte by byte or much at once', async () => {
    const { secureSocket } = await tlsWorld()
    const { socket, got } = secureSocket()
    for (const byte of 'SAY hello') socket.write(byte)
    await eventually(() => got.bytes.toString() === 'SAY hello')
    const much = Buffer.alloc(2 * 1024 * 1024, 'much')
    socket.write(much)
    await eventually(() => got.bytes.length === 9 + much.length)
    expect(got.bytes.subarray(9).equals(much)).toBe(true)
    socket.end()
    await eventually(() => got.closed)
  })

  test('other words are told what is spoken there, TLS once more as well', async () => {
    const { secureSocket, authority, door } = await tlsWorld()
    const spoken = 'This is Parley. Spoken here: gRPC, HTTP, Echo.\r\n'
    const { socket, got } = secureSocket()
    socket.write('EHLO me\r\n')
    await eventually(() => got.closed)
    expect(got.bytes.toString()).toBe(spoken)
    const outer = secureSocket()
    const inner = bareTlsSocket(door.address, { ca: authority.pem, socket: outer.socket })
    await eventually(() => inner.got.closed)
    expect(inner.got.connected).toBe(false)
    expect(outer.got.closed).toBe(true)
  })

  test.each([
    { named: ['h2', 'http/1.1'], agreed: 'http/1.1', who: 'a browser' },
    { named: ['h2'], agreed: 'h2', who: 'a client of gRPC' },
    { named: [], agreed: false, who: 'who names nothing' },
  ])('$who gets $agreed', async ({ named, agreed }) => {
    const { authority, door } = await tlsWorld()
    const { socket, got } = bareTlsSocket(door.address, {
      ca: authority.pem,
      ALPNProtocols: named,
    })
    await eventually(() => got.connected)
    expect((socket as TLSSocket).alpnProtocol).toBe(agreed)
    socket.write('SAY it')
    await eventually(() => got.bytes.toString() === 'SAY it')
  })

  test('the peer is who it is outside', async () => {
    const seen: (string | undefined)[] = []
    const curious: Dialect = {
      name: 'Curious',
      recognises: () => 'yes',
      take(socket) {
        seen.push(socket.remoteAddress)
        socket.destroy()
      },
      drain: () => undefined,
      close: () => undefined,
    }
    const { secureSocket } = await tlsWorld({ dialects: () => [curious] })
    secureSocket().socket.write('anything')
    await eventually(() => expect(seen).toEqual(['127.0.0.1']))
  })

  test('a reset ends the session of its device', async () => {
    const world = await tlsWorld()
    const ann = await world.register('ann')
    const web = webDevice(world)
    await web.hello(ann)
    await eventually(() => isThere(web))
    web.socket.terminate()
    await eventually(() => world.presence.includes('ann went dirty'))
  })
})

describe('beside TLS', () => {
  test('who comes over loopback is told that TLS is spoken, too', async () => {
    const { door } = await tlsWorld()
    const { socket, got } = bareSocket(door.address)
    socket.write('EHLO me\r\n')
    await eventually(() => got.closed)
    expect(got.bytes.toString()).toContain('Spoken here: TLS, gRPC, HTTP, Echo.')
  })
})

function webDevice({ door, authority }: TlsWorld): WebDevice {
  const options = { ca: authority.pem, servername: 'localhost' }
  const device = new WebDevice(door.address, '/chat', options)
  onTestFinished(() => device.socket.terminate())
  return device
}

function isThere(device: { of(kind: 'caughtUp'): readonly unknown[] }): boolean {
  return device.of('caughtUp').length === 1
}
