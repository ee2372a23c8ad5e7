import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:tls'
import { systemScheduler } from '@parley/service-kit'
import { eventually, testAuthority } from '@parley/testkit'
import { onTestFinished } from 'vitest'
import { openDoor } from '../door/listener.ts'
import type { DoorOptions } from '../door/listener.ts'
import { bareTlsSocket } from './bare-socket.ts'
import type { BareSocket } from './bare-socket.ts'
import { echoDialect } from './echo-dialect.ts'
import { countingEvents } from './tls-world.ts'

const bounds = { allowPlaintext: false, maxConnections: 100, maxConnectionsPerAddress: 100 }

/** A door that speaks TLS and the echo dialect, without any engine behind it. */
export async function tlsDoor(options: Partial<DoorOptions> = {}) {
  const authority = await testAuthority()
  const { events, counts } = countingEvents()
  const files = { ...(await authority.sign('relay')), clientCa: undefined }
  const common = { host: '127.0.0.1', port: 0, ...bounds, dialects: [echoDialect()] }
  const tls = { files, events }
  const door = await openDoor({ ...common, tls, scheduler: systemScheduler, ...options })
  onTestFinished(() => door.close())
  const port = Number(door.address.split(':')[1])
  const secure = (host = '127.0.0.1') => bareTlsSocket(`${host}:${port}`, { ca: authority.pem })
  return { authority, door, counts, port, files, secure }
}

/** Whether the echo dialect answers here; false when the connection is closed instead. */
export async function isServed({ socket, got }: BareSocket): Promise<boolean> {
  socket.write('SAY it')
  await eventually(() => got.closed || got.bytes.length > 0)
  return got.bytes.toString() === 'SAY it'
}

/** The first words of a client of TLS. */
export async function clientHello(): Promise<Buffer> {
  return new Promise((resolve) => {
    const listener = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', (bytes: Buffer) => {
        resolve(bytes)
        socket.destroy()
        listener.close()
      })
    }).listen(0, '127.0.0.1', () => {
      const { port } = listener.address() as AddressInfo
      connect({ port, host: '127.0.0.1', servername: 'localhost' }).on('error', () => undefined)
    })
  })
}
