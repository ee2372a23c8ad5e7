import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createLogger, systemScheduler } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { logEvents } from '../events.ts'
import { MemoryNameBook } from './rendezvous.fixture.ts'
import { Rendezvous } from './rendezvous.ts'
import { tcp } from './seed-client.fixture.ts'

test('who comes while a rendezvous closes is not kept, so that its door can close', async () => {
  const rendezvous = new Rendezvous({
    scheduler: systemScheduler,
    names: new MemoryNameBook(),
    events: logEvents(createLogger('presence', 'silent')),
    port: 20_005,
    send: () => undefined,
  })
  const server = createServer((socket) => rendezvous.arrived(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const source = { address: '127.0.0.1', port: 5_000 }
  rendezvous.heard(Buffer.from('login,ann,127.0.0.1:4000'), source)
  rendezvous.close()
  const stream = await tcp((server.address() as AddressInfo).port, { address: '127.0.0.1' })
  await eventually(() => stream.isClosed)
  expect(rendezvous.counts).toMatchObject({ members: 0, open: 0 })
})
