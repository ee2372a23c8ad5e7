import { fileURLToPath } from 'node:url'
import { systemScheduler } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isAlive } from '../testing/processes.ts'
import { workerOptions } from './worker-options.ts'
import { WorkerPool } from './worker-pool.ts'
import type { PoolOptions } from './worker-pool.ts'

const program = fileURLToPath(new URL('../testing/obedient-worker.ts', import.meta.url))

function setup(changes: Partial<PoolOptions> = {}, scheduler: Scheduler = systemScheduler) {
  const ends: string[] = []
  const options = { ...workerOptions, program, ...changes }
  const pool = new WorkerPool(options, scheduler, {
    workerEnded: (why) => ends.push(why),
    workersUnlimited: () => ends.push('unlimited'),
  })
  onTestFinished(() => pool.close())
  const wanted = [{ variant: 'full', type: 'best' } as const]
  const limits = { maxPixels: 1, maxFrames: 1, thumbhash: false }
  const act = (input: string, user = 'ann', prepare?: () => Promise<void>) =>
    pool.run({ input, folder: '/nowhere', format: 'png', wanted, ...limits }, user, prepare)
  return { pool, act, ends }
}

const megabyte = 1024 * 1024

describe('worker pool', () => {
  test('has images done by its processes, several at a time', async () => {
    const { act, pool } = setup()
    const answers = await Promise.all([act('answer'), act('answer'), act('answer')])
    expect(answers.map(({ kind }) => kind)).toEqual(['done', 'done', 'done'])
    expect(pool.pids).toHaveLength(2)
  })

  test.each([
    ['takes too long', 'hang', 'time', { timeLimitMs: 300 }],
    ['takes too much CPU', 'spin', 'time', { cpuLimitMs: 300 }],
    ['takes too much memory', 'hog', 'memory', { residentLimitBytes: 256 * megabyte }],
    ['crashes its worker', 'crash', 'crash', {}],
    ['makes its worker talk nonsense', 'nonsense', 'nonsense', {}],
    ['makes its worker answer for another', 'another', 'nonsense', {}],
  ])('an image that %s is refused, and the next one works', async (_note, input, why, limits) => {
    const { act, ends } = setup({ workers: 1, ...limits })
    const [bad, next] = await Promise.allSettled([act(input), act('answer')])
    expect(bad).toMatchObject({ reason: { kind: 'unprocessable', reason: 'IMAGE_TOO_COSTLY' } })
    expect(next).toMatchObject({ status: 'fulfilled', value: { kind: 'done' } })
    expect(ends).toEqual([why])
  })

  test('a worker killed from outside in the middle costs only its image', async () => {
    const { act, pool } = setup({ workers: 1 })
    await act('answer')
    const hanging = act('hang')
    for (const pid of pool.pids) process.kill(pid, 'SIGKILL')
    await expect(hanging).rejects.toMatchObject({ reason: 'IMAGE_TOO_COSTLY' })
    await expect(act('answer')).resolves.toMatchObject({ kind: 'done' })
  })

  test('a worker killed while idle is replaced before anybody notices', async () => {
    const { act, pool } = setup({ workers: 1 })
    await act('answer')
    const [pid = 0] = pool.pids
    process.kill(pid, 'SIGKILL')
    await eventually(() => pool.pids.length === 0)
    await expect(act('answer')).resolves.toMatchObject({ kind: 'done' })
  })

  test('a worker that closes its channel and lives on is killed, and no image pays for it', async () => {
    const { act, pool, ends } = setup({ workers: 1 })
    await act('answer')
    const [pid = 0] = pool.pids
    await expect(act('hide')).resolves.toMatchObject({ kind: 'done' })
    await eventually(() => !isAlive(pid))
    await expect(act('answer')).resolves.toMatchObject({ kind: 'done' })
    expect(ends).toEqual([])
  })

  test('asking for memory beyond the hard limit kills the process even between two looks', async () => {
    const { act } = setup({ workers: 1, dataLimitBytes: 1000 * megabyte, watchPeriodMs: 60_000 })
    await expect(act('hog')).rejects.toMatchObject({ reason: 'IMAGE_TOO_COSTLY' })
  })

  test('without the program that sets hard limits works, and says that there are none', async () => {
    const { act, ends } = setup({ workers: 1, prlimit: undefined })
    await expect(act('answer')).resolves.toMatchObject({ kind: 'done' })
    expect(ends).toEqual(['unlimited'])
  })

  test('a worker that stays fat after its image is replaced', async () => {
    const { act, pool } = setup({ workers: 1, recycleBytes: 180 * megabyte })
    await act('answer')
    const before = pool.pids
    await act('answer')
    expect(pool.pids).toEqual(before)
    await act('grow')
    expect(pool.pids).not.toEqual(before)
  })

  test('refuses the image that finds the queue full, and says when to come again', async () => {
    const { act, pool } = setup({ workers: 1, maxWaiting: 2, timeLimitMs: 500 })
    const held = Promise.allSettled([act('hang'), act('answer'), act('answer')])
    expect(pool.waiting).toBe(2)
    await expect(act('answer')).rejects.toMatchObject({
      kind: 'unavailable',
      reason: 'IMAGE_QUEUE_FULL',
      retryAfterMs: 5_000,
    })
    expect((await held).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  })

  test('prepares an image when its turn has come, and never one that is sent away', async () => {
    const { act } = setup({ workers: 1, maxWaiting: 1 })
    const prepared: string[] = []
    const go = Promise.withResolvers<void>()
    const prepare = (name: string) => async () => {
      prepared.push(name)
      await go.promise
    }
    const held = ['first', 'next'].map((name) => act('answer', 'ann', prepare(name)))
    const away = act('answer', 'ann', prepare('away'))
    await expect(away).rejects.toMatchObject({ reason: 'IMAGE_QUEUE_FULL' })
    expect(prepared).toEqual(['first'])
    go.resolve()
    await Promise.all(held)
    expect(prepared).toEqual(['first', 'next'])
  })

  test('an image that cannot be prepared fails as that did, and the next one works', async () => {
    const { act } = setup({ workers: 1 })
    const lost = act('answer', 'ann', () => Promise.reject(new Error('lost')))
    await expect(lost).rejects.toThrow('lost')
    await expect(act('answer')).resolves.toMatchObject({ kind: 'done' })
  })

  test('a worker that cannot start blames itself, not the image', async () => {
    const { act, ends } = setup({ workers: 1, program: '/does/not/exist.ts' })
    await expect(act('answer')).rejects.toMatchObject({
      kind: 'unavailable',
      reason: 'IMAGE_WORKERS_AWAY',
    })
    expect(ends).toEqual(['no-start'])
  })

  test('a worker that cannot start is not tried again before it has rested, each time longer', async () => {
    let offByMs = 0
    // The wall clock goes back meanwhile, which makes no rest longer.
    const now = () => systemScheduler.now() - offByMs
    const monotonic = () => systemScheduler.monotonic() + offByMs
    const scheduler = { ...systemScheduler, now, monotonic }
    const rests = { restMs: 20_000, maxRestMs: 30_000 }
    const { act, ends } = setup({ workers: 1, program: '/does/not/exist.ts', ...rests }, scheduler)
    const away = { reason: 'IMAGE_WORKERS_AWAY', retryAfterMs: 5_000 }
    for (const [passedMs, starts] of [
      [0, 1],
      [0, 1],
      [20_001, 2],
      [20_001, 2],
      [10_000, 3],
    ] as const) {
      offByMs += passedMs
      await expect(act('answer')).rejects.toMatchObject(away)
      expect(ends).toHaveLength(starts)
    }
  })

  test('one user whose images hang keeps a worker free for everybody else', async () => {
    const { act } = setup({ workers: 2, timeLimitMs: 60_000 })
    for (let count = 0; count < 5; count += 1) act('hang', 'mallory').catch(() => undefined)
    await expect(act('answer', 'bob')).resolves.toMatchObject({ kind: 'done' })
    await expect(act('answer', 'carol')).resolves.toMatchObject({ kind: 'done' })
  })

  test('refuses more waiting images of one user than are allowed, and takes those of others', async () => {
    const { act, pool } = setup({ workers: 1, maxWaiting: 9, maxWaitingOfUser: 2 })
    for (let count = 0; count < 3; count += 1) act('hang', 'mallory').catch(() => undefined)
    await expect(act('answer', 'mallory')).rejects.toMatchObject({ reason: 'IMAGE_QUEUE_FULL' })
    act('answer', 'bob').catch(() => undefined)
    expect(pool.waiting).toBe(3)
  })

  test('closing ends the image at hand, those that wait and every process', async () => {
    const { act, pool } = setup({ workers: 1 })
    await act('answer')
    const pids = pool.pids
    const held = Promise.allSettled([act('hang'), act('answer')])
    await pool.close()
    for (const one of await held) {
      expect(one).toMatchObject({ reason: { reason: 'IMAGE_WORKERS_AWAY' } })
    }
    await expect(act('answer')).rejects.toMatchObject({ reason: 'IMAGE_WORKERS_AWAY' })
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow()
  })
})
