import { lockFolder } from '@parley/service-kit'
import { FakeScheduler, eventually, tempFolder } from '@parley/testkit'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { KnownPeers } from './known-peers.ts'

const keyOf = (byte: number, number: number) => Buffer.alloc(32, byte).fill(number, 31)
const peer = (byte: number, number: number) => ({
  name: `p${byte}.${number}`,
  publicKey: keyOf(byte, number),
})
const ten = Array.from({ length: 10 }, (_, number) => number)

/** Runs a program that trusts keys of `own` and forgets those of `other`, to its end. */
async function trustAndForget(home: string, own: number, other: number): Promise<unknown> {
  const script = fileURLToPath(new URL('./trust-and-forget.fixture.ts', import.meta.url))
  const child = spawn(process.execPath, [script, home, String(own), String(other)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [code] = (await once(child, 'exit')) as [number | null]
  return code
}

describe('two who change the known peers of a device at once', () => {
  test('lose nothing of each other in one process', async () => {
    const home = await tempFolder()
    const [one, other] = [new KnownPeers(home), new KnownPeers(home)]
    for (const number of ten) await one.meet(peer(3, number), number)
    await Promise.all([
      ...ten.map((number) => one.trust(peer(1, number), undefined, number)),
      ...ten.map((number) => other.forget(keyOf(3, number).toString('hex'))),
      ...ten.map((number) => other.meet(peer(2, number), number)),
    ])
    const all = await one.all()
    expect(all.filter(({ trusted }) => trusted)).toHaveLength(10)
    expect(all.filter(({ name }) => name.startsWith('p2.'))).toHaveLength(10)
    expect(all).toHaveLength(20)
  })

  test('lose nothing of each other in two processes', async () => {
    const home = await tempFolder()
    const known = new KnownPeers(home)
    for (const number of ten) await known.meet(peer(3, number), number)
    for (const number of ten) await known.meet(peer(4, number), number)
    const codes = await Promise.all([trustAndForget(home, 1, 3), trustAndForget(home, 2, 4)])
    expect(codes).toEqual([0, 0])
    const names = (await known.all()).map(({ name }) => name)
    const expected = [1, 2].flatMap((byte) => ten.map((number) => `p${byte}.${number}`))
    expect(names.toSorted()).toEqual(expected.toSorted())
  })
})

describe('a process that does not let the known peers go', () => {
  test('is waited for 15 s and named; whom this device knows can be met all the same', async () => {
    const home = await tempFolder()
    const scheduler = new FakeScheduler()
    const known = new KnownPeers(home, scheduler)
    await known.meet(peer(1, 0), 1)
    const lock = lockFolder(join(home, 'lan-peers'))
    const changes = [
      known.trust(peer(1, 0), undefined, 2),
      known.forget(keyOf(1, 0).toString('hex')),
      known.meet(peer(1, 1), 2),
    ]
    let settled = 0
    for (const change of changes) {
      change
        .catch(() => undefined)
        .finally(() => (settled += 1))
        .catch(() => undefined)
    }
    await known.meet(peer(1, 0), 3)
    expect(settled).toBe(0)
    await eventually(() => scheduler.pendingTimers > 0)
    scheduler.advanceSync(14_900)
    await eventually(() => scheduler.pendingTimers > 0)
    expect(settled).toBe(0)
    // They came at the same time: none waits longer for having waited for the others here.
    await eventually(() => {
      if (scheduler.pendingTimers > 0) scheduler.advanceSync(20)
      return settled === 3
    })
    expect(scheduler.monotonic()).toBeLessThan(15_100)
    for (const change of changes) {
      await expect(change).rejects.toMatchObject({
        reason: 'LAN_PEERS_BUSY',
        message: expect.stringContaining(`in use by process ${process.pid}`),
      })
    }
    expect(await known.all()).toMatchObject([{ name: 'p1.0', trusted: false }])
    lock.release()
    await known.trust(peer(1, 0), undefined, 4)
    expect(await known.all()).toMatchObject([{ name: 'p1.0', trusted: true }])
  })

  test('is followed at once by the next when it is killed', async () => {
    const home = await tempFolder()
    const script = join(import.meta.dirname, '../../../../libs/service-kit/src/lock.fixture.ts')
    await mkdir(join(home, 'lan-peers'))
    const child = spawn(process.execPath, [script, join(home, 'lan-peers')])
    onTestFinished(() => void child.kill('SIGKILL'))
    await once(child.stdout, 'data')
    const trusting = new KnownPeers(home).trust(peer(1, 0), undefined, 1)
    child.kill('SIGKILL')
    await trusting
    expect(await new KnownPeers(home).all()).toHaveLength(1)
  })
})

test('what is kept of known peers is their owner’s alone, and no draft of it stays', async () => {
  const home = await tempFolder()
  await new KnownPeers(home).meet(peer(1, 0), 1)
  expect((await readdir(home)).toSorted()).toEqual(['lan-peers', 'lan-peers.json'])
  expect((await stat(join(home, 'lan-peers'))).mode & 0o777).toBe(0o700)
  expect((await stat(join(home, 'lan-peers.json'))).mode & 0o777).toBe(0o600)
})
