import { readFile } from 'node:fs/promises'
import { systemScheduler } from '@parley/service-kit'
import { eventually, freePort, recordingLogger, tempFolder } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { busContract } from './bus.contract.ts'
import { busLimits } from './limits.ts'
import { NatsBus } from './nats-bus.ts'
import { startNatsServer } from './nats-server.ts'
import type { NatsServer } from './nats-server.ts'
import { busUsers, subjects } from './subjects.ts'
import type { BusUser } from './subjects.ts'

const tester: BusUser = { name: 'tester', publish: ['>'], subscribe: ['>'] }
const everything = [tester]

async function newServer(users: readonly BusUser[] = everything): Promise<NatsServer> {
  const server = await startNatsServer({ folder: await tempFolder(), users })
  onTestFinished(() => server.kill())
  return server
}

// A stop signal takes effect when the last thread has seen it.
async function freeze(server: NatsServer): Promise<void> {
  process.kill(server.pid, 'SIGSTOP')
  onTestFinished(() => void process.kill(server.pid, 'SIGCONT'))
  await eventually(async () =>
    (await readFile(`/proc/${server.pid}/stat`, 'utf8')).includes(') T '),
  )
}

interface Opening {
  readonly user?: string
  readonly password?: string
  readonly url?: string
  readonly pingMs?: number
}

async function openBus(server: NatsServer | undefined, opening: Opening = {}) {
  const { log, lines } = recordingLogger()
  const user = opening.user ?? 'tester'
  const bus = await NatsBus.open({
    url: opening.url ?? server?.url ?? '',
    user,
    password: opening.password ?? server?.passwords[user],
    name: 'test',
    pingMs: opening.pingMs,
    scheduler: systemScheduler,
    log,
  })
  onTestFinished(() => bus.close())
  return { bus, lines }
}

busContract('NatsBus', async () => {
  const folder = await tempFolder()
  let server = await startNatsServer({ folder, users: everything })
  onTestFinished(() => server.kill())
  const { port, passwords } = server
  return {
    open: async () => (await openBus(server)).bus,
    outage: () => server.kill(),
    heal: async () => {
      server = await startNatsServer({ folder, users: everything, port, passwords })
    },
  }
})

describe('a NatsBus', () => {
  test('opens while no server is there and connects when one comes', async () => {
    const port = await freePort()
    const { log } = recordingLogger()
    const passwords = { tester: 'not-yet-known-to-anybody' }
    const url = `nats://127.0.0.1:${port}`
    const bus = await NatsBus.open({
      url,
      user: 'tester',
      password: passwords.tester,
      name: 'early',
      scheduler: systemScheduler,
      log,
    })
    onTestFinished(() => bus.close())
    expect(bus.connected).toBe(false)
    const heard: number[] = []
    let told = 0
    bus.subscribe('a', (payload) => void heard.push(payload.length))
    bus.onReconnect(() => void (told += 1))
    bus.publish('a', new Uint8Array(1))
    const folder = await tempFolder()
    const server = await startNatsServer({ folder, users: everything, port, passwords })
    onTestFinished(() => server.kill())
    await eventually(() => told === 1)
    const { bus: other } = await openBus(server)
    other.publish('a', new Uint8Array(2))
    await eventually(() => heard.length > 0)
    expect(heard).toEqual([2])
    expect(bus.counts()).toMatchObject({ droppedPublishes: 1, reconnects: 1 })
  })

  test('closes at once while no server is there', async () => {
    const { bus } = await openBus(undefined, { url: `nats://127.0.0.1:${await freePort()}` })
    const startedMs = performance.now()
    await bus.close()
    expect(performance.now() - startedMs).toBeLessThan(10_000)
  })

  test('warns once about a server that is not there, without the password', async () => {
    const url = `nats://127.0.0.1:${await freePort()}`
    const { lines } = await openBus(undefined, { url, password: 'secret-word' })
    await eventually(() => lines.length >= 3)
    const warnings = lines.filter((line) => line.level >= 40)
    expect(warnings.map((line) => line.msg)).toEqual(['bus cannot be reached, trying on'])
    expect(JSON.stringify(lines)).not.toContain('secret-word')
  })

  test('with a wrong password keeps trying, and says so, instead of ending the service', async () => {
    const server = await newServer()
    const { bus, lines } = await openBus(server, { password: 'wrong' })
    expect(bus.connected).toBe(false)
    await eventually(() => lines.length >= 3)
    expect(JSON.stringify(lines[0])).toMatch(/authorization/i)
  })

  test('a server that stops reading costs dropped messages, not memory', async () => {
    const server = await newServer()
    const { bus } = await openBus(server)
    await freeze(server)
    const payload = new Uint8Array(64 * 1024)
    const fitting = Math.floor(busLimits.unconfirmedBytes / (payload.length + 1))
    for (let i = 0; i < fitting + 50; i += 1) bus.publish('a', payload)
    expect(bus.counts().droppedPublishes).toBe(50)
    process.kill(server.pid, 'SIGCONT')
    await eventually(async () => {
      await bus.flush()
      const before = bus.counts().droppedPublishes
      bus.publish('a', payload)
      return bus.counts().droppedPublishes === before
    })
  })

  test('a server that hangs counts as lost, and is back when it answers again', async () => {
    const server = await newServer()
    const { bus } = await openBus(server, { pingMs: 100 })
    await freeze(server)
    await eventually(() => !bus.connected)
    process.kill(server.pid, 'SIGCONT')
    // Counted when all subscriptions are back, a moment after the connection.
    await eventually(() => expect(bus.counts().reconnects).toBe(1))
    expect(bus.connected).toBe(true)
  })

  test('a flush that a hanging server does not answer ends in time', async () => {
    const server = await newServer()
    const { bus } = await openBus(server)
    await freeze(server)
    await expect(bus.flush()).rejects.toMatchObject({ kind: 'deadline', reason: 'TIMED_OUT' })
  })

  test('comes back through many kills of the server', async () => {
    const folder = await tempFolder()
    let server = await startNatsServer({ folder, users: everything })
    onTestFinished(() => server.kill())
    const { port, passwords } = server
    const { bus } = await openBus(server)
    const { bus: other } = await openBus(server)
    let heard = 0
    bus.subscribe('a', () => void (heard += 1))
    for (let round = 1; round <= 5; round += 1) {
      await server.kill()
      await eventually(() => !bus.connected && !other.connected)
      server = await startNatsServer({ folder, users: everything, port, passwords })
      await eventually(() => bus.counts().reconnects === round && other.connected)
      other.publish('a', new Uint8Array(1))
      await eventually(() => heard === round)
    }
  }, 30_000)
})

describe('the allow-lists of the services', () => {
  test('a relay hears what presence says, and relays hear each other', async () => {
    const server = await newServer(busUsers)
    const [presence, relay, second] = await Promise.all([
      openBus(server, { user: 'presence' }),
      openBus(server, { user: 'relay' }),
      openBus(server, { user: 'relay' }),
    ])
    const heard: string[] = []
    const wanted = [subjects.presence(0), subjects.user('u'), subjects.group('g')]
    for (const one of wanted) relay.bus.subscribe(one, (_, from) => void heard.push(from))
    await relay.bus.flush()
    presence.bus.publish(wanted[0]!, new Uint8Array(1))
    second.bus.publish(wanted[1]!, new Uint8Array(1))
    second.bus.publish(wanted[2]!, new Uint8Array(1))
    await eventually(() => heard.length === 3)
    expect(heard.toSorted()).toEqual(wanted.toSorted())
  })

  test.each([
    ['relay', subjects.presence(1), 'a relay cannot speak for presence'],
    ['presence', subjects.user('u'), 'presence cannot speak to users'],
    ['relay', 'other', 'nobody leaves the subjects of Parley'],
  ])('%s may not publish %s: %s', async (user, subject) => {
    const server = await newServer([...busUsers, tester])
    const { bus, lines } = await openBus(server, { user })
    const { bus: eavesdropper } = await openBus(server)
    let heard = 0
    eavesdropper.subscribe(subject, () => void (heard += 1))
    await eavesdropper.flush()
    bus.publish(subject, new Uint8Array(1))
    await eventually(() => lines.some((line) => line.msg === 'bus server refused something'))
    await eavesdropper.flush()
    expect(heard).toBe(0)
    expect(bus.connected).toBe(true)
  })

  test('presence may not listen to users', async () => {
    const server = await newServer(busUsers)
    const { bus, lines } = await openBus(server, { user: 'presence' })
    bus.subscribe(subjects.user('u'), () => expect.unreachable())
    await eventually(() => lines.some((line) => line.msg === 'bus server refused something'))
  })

  test('nobody connects without a password', async () => {
    const server = await newServer(busUsers)
    const { log } = recordingLogger()
    const bus = await NatsBus.open({
      url: server.url,
      name: 'stranger',
      scheduler: systemScheduler,
      log,
    })
    onTestFinished(() => bus.close())
    expect(bus.connected).toBe(false)
  })
})
