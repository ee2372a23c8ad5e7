import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connectBus, subjects } from '@parley/bus'
import { eventually, recordingLogger, tempFolder } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startCluster } from './cluster.ts'
import type { ClusterEvent, ClusterRequest } from './cluster.ts'
import { isPortFree } from './ports.ts'
import type { MemberName } from './services.ts'

async function setup(request: Partial<ClusterRequest> = {}) {
  const events: ClusterEvent[] = []
  const folder = join(await tempFolder(), 'data')
  const starting = startCluster({
    folder,
    env: process.env,
    services: ['presence'],
    restart: 'manual',
    tell: (event) => void events.push(event),
    ...request,
  })
  onTestFinished(async () => {
    const cluster = await starting.catch(() => undefined)
    await cluster?.stop()
  })
  return { starting, events, folder }
}

function alive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('a cluster', () => {
  test('has a nats-server and each service as a process of its own, and leaves none behind', async () => {
    const { starting } = await setup()
    const cluster = await starting
    expect(cluster.members).toEqual(['nats', 'presence'])
    const pids = cluster.members.map((member) => cluster.pid(member))
    expect(pids.every(alive)).toBe(true)
    expect(cluster.addresses('presence')).toEqual({
      internal: `127.0.0.1:${cluster.ports.presenceInternal}`,
    })
    await cluster.stop()
    expect(pids.some(alive)).toBe(false)
    expect(await isPortFree('127.0.0.1', cluster.ports.nats)).toBe(true)
    const log = await readFile(cluster.logFile('presence'), 'utf8')
    expect(log.trim().split('\n').at(-1)).toContain('"msg":"stopped"')
  })

  test('starts again, at the same address, a member that was killed', async () => {
    const { starting, events } = await setup({ restart: 'backoff' })
    const cluster = await starting
    for (const member of ['presence', 'nats'] as const) {
      const [pid, addresses] = [cluster.pid(member), cluster.addresses(member)]
      await cluster.kill(member)
      expect(alive(pid)).toBe(false)
      await eventually(() => cluster.pid(member) !== undefined, { timeoutMs: 15_000 })
      expect(cluster.pid(member)).not.toBe(pid)
      expect(cluster.addresses(member)).toEqual(addresses)
    }
    const ups = events.filter((event) => event.type === 'up')
    expect(ups.map(({ member, run }) => `${member} ${run}`)).toEqual([
      'nats 1',
      'presence 1',
      'presence 2',
      'nats 2',
    ])
  })

  test('stops a member that is halted', async () => {
    const { starting } = await setup()
    const cluster = await starting
    const pid = cluster.pid('presence')
    await cluster.kill('presence', 'SIGSTOP')
    await cluster.stop()
    expect(alive(pid)).toBe(false)
  })

  test('of which one member cannot start is stopped, and says why', async () => {
    const { starting, events } = await setup({ env: { ...process.env, LOG_LEVEL: 'loud' } })
    await expect(starting).rejects.toMatchObject({
      reason: 'SERVICE_REFUSED',
      message: expect.stringContaining('LOG_LEVEL'),
    })
    const [nats] = events.flatMap((event) => (event.type === 'up' ? [event.running.pid] : []))
    expect(alive(nats)).toBe(false)
  })

  test('whose start is called off leaves nothing behind', async () => {
    const aborter = new AbortController()
    const { starting, events } = await setup({
      signal: aborter.signal,
      tell(event) {
        events.push(event)
        if (event.member === 'nats') aborter.abort(new Error('called off'))
      },
    })
    await expect(starting).rejects.toThrow('called off')
    expect(events.map(({ member, type }) => `${member} ${type}`)).toEqual(['nats up'])
    const [nats] = events.flatMap((event) => (event.type === 'up' ? [event.running.pid] : []))
    expect(alive(nats)).toBe(false)
  })

  test('knows only its own members', async () => {
    const { starting } = await setup()
    const cluster = await starting
    expect(() => cluster.kill('relay')).toThrow(expect.objectContaining({ kind: 'not-found' }))
    expect(cluster.pid('relay')).toBeUndefined()
    expect(cluster.addresses('relay')).toEqual({})
  })
})

test('a cluster may have several processes of a service, each with a folder and doors of its own', async () => {
  const { starting, folder } = await setup({ presences: 2 })
  const cluster = await starting
  expect(cluster.members).toEqual(['nats', 'presence', 'presence-2'])
  const [first, second] = cluster.membersOf('presence')
  expect(cluster.addresses('presence')).toEqual({ internal: `127.0.0.1:${first!.internalPort}` })
  expect(cluster.addresses('presence-2')).toEqual({ internal: `127.0.0.1:${second!.internalPort}` })
  expect(cluster.dataFolder('presence-2')).toBe(join(folder, 'presence-2'))
  await cluster.kill('presence-2')
  expect([alive(cluster.pid('presence')), cluster.pid('presence-2')]).toEqual([true, undefined])
  await cluster.start('presence-2')
  expect(alive(cluster.pid('presence-2'))).toBe(true)
})

test('a bus of three servers passes on what is said at any of them, also after one was killed', async () => {
  const { starting } = await setup({ natsNodes: 3, services: [] })
  const cluster = await starting
  expect(cluster.members).toEqual(['nats', 'nats-2', 'nats-3'])
  const config = await readFile(join(cluster.dataFolder('nats'), 'nats-server.conf'), 'utf8')
  const natsPassword = /user: "relay", password: "([^"]+)"/.exec(config)?.[1]
  const open = async (member: MemberName) => {
    const natsUrl = `nats://${cluster.addresses(member)['nats']}`
    const { log } = recordingLogger()
    const bus = await connectBus(
      { natsUrl, natsUser: 'relay', natsPassword },
      { name: 'test', log },
    )
    onTestFinished(() => bus.close())
    return bus
  }
  const [one, other] = [await open('nats'), await open('nats-3')]
  const heard: string[] = []
  const subject = subjects.user('ann')
  other.subscribe(subject, (payload) => void heard.push(Buffer.from(payload).toString()))
  await other.flush()
  const passes = (word: string) =>
    eventually(() => {
      one.publish(subject, Buffer.from(word))
      return heard.includes(word)
    })
  await passes('all three')
  await cluster.kill('nats-2')
  await passes('two of three')
  await cluster.start('nats-2')
  expect(alive(cluster.pid('nats-2'))).toBe(true)
  await passes('three again')
})
