import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { DiskTwin } from './disk-twin.ts'
import { ProcessClock } from './process-clock.ts'
import { SimClock } from './sim-clock.ts'

describe('the clock of a simulated world', () => {
  test('runs what is due in its order, also what was asked for meanwhile', async () => {
    const clock = new SimClock(1)
    const told: string[] = []
    const tell = (what: string) => () => void told.push(`${clock.monotonic()} ${what}`)
    clock.setTimer(30, tell('late'))
    clock.setTimer(10, () => {
      tell('early')()
      clock.soon(tell('soon'))
      void Promise.resolve().then(() => clock.setTimer(5, tell('asked by a promise')))
    })
    clock.setTimer(10, tell('second of its instant'))
    clock.setTimer(20, tell('called off')).cancel()
    await clock.run(100)
    expect(told).toEqual([
      '10 early',
      '10 soon',
      '10 second of its instant',
      '15 asked by a promise',
      '30 late',
    ])
    expect(clock.monotonic()).toBe(100)
  })

  test('keeps its order over many timers', async () => {
    const clock = new SimClock(2)
    const fired: number[] = []
    for (let i = 0; i < 500; i += 1) {
      const delayMs = clock.between(0, 200)
      clock.setTimer(delayMs, () => fired.push(delayMs))
    }
    await clock.run(1_000)
    expect(fired).toEqual(fired.toSorted((one, other) => one - other))
    expect(fired.length).toBe(500)
  })
})

describe('a simulated process', () => {
  test('does nothing any more once it was killed', async () => {
    const clock = new SimClock(1)
    const process = new ProcessClock(clock)
    let ticks = 0
    process.every(10, () => (ticks += 1))
    await clock.run(35)
    process.kill()
    await clock.run(100)
    expect(ticks).toBe(3)
  })

  test('does what was due while it stood still when it goes on', async () => {
    const clock = new SimClock(1)
    const process = new ProcessClock(clock)
    const told: number[] = []
    process.setTimer(10, () => void told.push(1))
    process.setTimer(20, () => void told.push(2))
    process.stop()
    await clock.run(50)
    expect(told).toEqual([])
    process.goOn()
    await clock.run(50)
    expect(told).toEqual([1, 2])
  })
})

describe('a simulated disk', () => {
  function setup() {
    const made = new Database(':memory:')
    made.exec('create table t (n integer)')
    const disk = new DiskTwin(made.serialize())
    const write = (n: number) => {
      const db = disk.writer()
      db.prepare('begin').run()
      db.prepare('insert into t values (?)').run(n)
      try {
        db.prepare('commit').run()
        return 'ok'
      } catch (error) {
        db.prepare('rollback').run()
        return (error as { code: string }).code
      }
    }
    const kept = () => disk.db.prepare('select n from t').pluck().all()
    return { disk, write, kept }
  }

  test('keeps what was committed', () => {
    const { disk, write, kept } = setup()
    expect(write(1)).toBe('ok')
    disk.restart()
    expect(kept()).toEqual([1])
  })

  test('loses what was written after a failed sync, whatever later syncs said', () => {
    const { disk, write, kept } = setup()
    write(1)
    disk.failsNextSync = true
    expect([write(2), write(3)]).toEqual(['SQLITE_IOERR_FSYNC', 'ok'])
    expect(kept()).toEqual([1, 3])
    disk.restart()
    expect(kept()).toEqual([1])
  })

  test('takes nothing while it is full, and goes on when there is room', () => {
    const { disk, write, kept } = setup()
    disk.isFull = true
    expect(write(1)).toBe('SQLITE_FULL')
    disk.isFull = false
    expect(write(2)).toBe('ok')
    expect(kept()).toEqual([2])
  })

  test('forgets what a dead process had begun', () => {
    const { disk, kept } = setup()
    disk.db.exec('begin')
    disk.db.exec('insert into t values (1)')
    disk.restart()
    expect(kept()).toEqual([])
  })
})
