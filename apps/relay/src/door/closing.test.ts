import { systemScheduler } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { bareSocket } from '../testing/bare-socket.ts'
import { doorWorld } from '../testing/door-world.ts'
import { helloOf } from '../testing/fake-device.ts'
import { farewell } from './farewell.ts'
import { grpcDialect } from '../dialects/grpc/grpc-dialect.ts'
import { openDoor } from './listener.ts'

const bounds = { allowPlaintext: false, maxConnections: 10, maxConnectionsPerAddress: 10 }

test.each([
  { note: 'HTTP/1', bytes: 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' },
  {
    note: 'rubbish after the preface',
    bytes: `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${'rubbish'.repeat(9)}`,
  },
])('a connection that speaks $note is closed, and nobody else notices', async ({ bytes }) => {
  const world = await doorWorld()
  const ann = await world.register('ann')
  const here = world.connect(ann)
  await eventually(() => here.of('caughtUp').length === 1)
  const odd = bareSocket(world.door.address)
  odd.socket.write(bytes)
  await eventually(() => odd.got.closed)
  here.tell({ $case: 'ping', value: { nonce: 1 } })
  await eventually(() => here.of('pong').length === 1)
})

test('a port that is taken is named', async () => {
  const world = await doorWorld()
  const port = Number(world.door.address.split(':')[1])
  const second = openDoor({
    host: '127.0.0.1',
    port,
    ...bounds,
    dialects: [grpcDialect([])],
    scheduler: systemScheduler,
  })
  await expect(second).rejects.toMatchObject({ reason: 'ADDRESS_IN_USE' })
})

test('without TLS the door does not open to the network', async () => {
  const open = openDoor({
    host: '0.0.0.0',
    port: 0,
    ...bounds,
    dialects: [grpcDialect([])],
    scheduler: systemScheduler,
  })
  await expect(open).rejects.toThrow()
})

test('a relay that stops tells its devices, lets them go, and cuts those who stay', async () => {
  const world = await doorWorld()
  const ann = await world.register('ann')
  const bob = await world.register('bob')
  const leaving = world.connect(ann)
  const staying = world.connect(bob)
  await eventually(() => leaving.of('caughtUp').length + staying.of('caughtUp').length === 2)
  const mute = bareSocket(world.door.address)
  await eventually(() => mute.got.connected)
  world.connections.goAway(1_000)
  await eventually(() => leaving.of('goAway').length === 1)
  leaving.tell({ $case: 'bye', value: {} })
  await eventually(() => leaving.end === 'OK ')
  const startedAtMs = performance.now()
  await world.door.close()
  expect(performance.now() - startedAtMs).toBeLessThan(20_000)
  await eventually(() => staying.ending !== undefined && mute.got.closed)
  await eventually(() => world.engine.hub.sessions.size === 0)
  expect(world.presence).toContain('ann went clean')
  expect(world.presence).toContain('bob went dirty')
  const late = bareSocket(world.door.address)
  await eventually(() => late.got.closed)
  expect(late.got.connected).toBe(false)
})

describe('a farewell', () => {
  test('serves devices until they have gone elsewhere, and takes nobody new', async () => {
    const world = await doorWorld()
    const ann = await world.register('ann')
    const bob = await world.register('bob')
    await world.befriend(ann, bob)
    const here = world.connect(ann)
    await eventually(() => here.of('caughtUp').length === 1)
    const mute = bareSocket(world.door.address)
    await eventually(() => mute.got.connected)
    let isOver = false
    const over = farewell(world.door, world.connections, 20_000).then(() => (isOver = true))
    await eventually(() => here.of('goAway').length === 1)
    expect(here.of('goAway')[0]!.deadlineMs).toBeGreaterThan(19_000)
    const late = bareSocket(world.door.address)
    await eventually(() => late.got.closed && mute.got.closed)
    expect(late.got.connected).toBe(false)
    here.send(1, { user: bob.userId }, 'still served')
    await eventually(() => here.of('accepted').length === 1)
    expect(isOver).toBe(false)
    here.tell({ $case: 'bye', value: {} })
    await over
    expect(here.end).toBe('OK ')
  })

  test('tells a device, too, whose hello was under way', async () => {
    const world = await doorWorld()
    const ann = await world.register('ann')
    const device = world.dial()
    device.tell({ $case: 'hello', value: { ...helloOf(ann), more: true } })
    await eventually(() => world.connections.size === 1)
    const over = farewell(world.door, world.connections, 20_000)
    device.tell({ $case: 'hello', value: helloOf(ann) })
    await eventually(() => device.of('goAway').length === 1)
    expect(device.of('goAway')[0]!.deadlineMs).toBeLessThan(20_000)
    device.close()
    await over
  })

  test('sends away who has not gone in time', async () => {
    const world = await doorWorld()
    const ann = await world.register('ann')
    const here = world.connect(ann)
    await eventually(() => here.of('caughtUp').length === 1)
    await farewell(world.door, world.connections, 200)
    await eventually(() => here.end === 'UNAVAILABLE GOING_AWAY')
  })
})
