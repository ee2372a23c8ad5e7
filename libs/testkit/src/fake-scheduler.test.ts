import { describe, expect, test } from 'vitest'
import { FakeScheduler } from './index.ts'

describe('FakeScheduler', () => {
  test('runs timers in the order of their time, then of their setting', async () => {
    const scheduler = new FakeScheduler()
    const ran: string[] = []
    scheduler.setTimer(20, () => ran.push('late'))
    scheduler.setTimer(10, () => ran.push('first'))
    scheduler.setTimer(10, () => ran.push('second'))
    await scheduler.advance(15)
    expect(ran).toEqual(['first', 'second'])
    await scheduler.advance(5)
    expect(ran).toEqual(['first', 'second', 'late'])
  })

  test('shows a timer the instant it was set for, not the end of the advance', () => {
    const scheduler = new FakeScheduler({ startMs: 1_000 })
    const seen: number[] = []
    scheduler.setTimer(10, () => seen.push(scheduler.now(), scheduler.monotonic()))
    scheduler.advanceSync(100)
    expect(seen).toEqual([1_010, 10])
    expect(scheduler.now()).toBe(1_100)
  })

  test('runs soon-callbacks before time moves, those they add included', () => {
    const scheduler = new FakeScheduler()
    const ran: string[] = []
    scheduler.setTimer(1, () => ran.push('timer'))
    scheduler.soon(() => {
      ran.push('a')
      scheduler.soon(() => ran.push('b'))
    })
    scheduler.advanceSync(1)
    expect(ran).toEqual(['a', 'b', 'timer'])
  })

  test('settles promises between callbacks, so that chains of timers and awaits complete', async () => {
    const scheduler = new FakeScheduler()
    const ran: number[] = []
    const chain = async () => {
      for (let step = 0; step < 3; step += 1) {
        await new Promise<void>((resolve) => scheduler.setTimer(10, resolve))
        ran.push(scheduler.monotonic())
      }
    }
    const done = chain()
    await scheduler.advance(30)
    await done
    expect(ran).toEqual([10, 20, 30])
  })

  test('a repeating timer goes on until cancelled, also from within itself', () => {
    const scheduler = new FakeScheduler()
    let ticks = 0
    const timer = scheduler.every(10, () => {
      ticks += 1
      if (ticks === 3) timer.cancel()
    })
    scheduler.advanceSync(100)
    expect(ticks).toBe(3)
    expect(scheduler.pendingTimers).toBe(0)
  })

  test('a cancelled timer does not run', () => {
    const scheduler = new FakeScheduler()
    let ran = false
    scheduler.setTimer(10, () => (ran = true)).cancel()
    scheduler.advanceSync(20)
    expect(ran).toBe(false)
  })

  test('the same seed gives the same chance, another seed another', () => {
    const draw = (seed: number) => {
      const scheduler = new FakeScheduler({ seed })
      return [scheduler.random(), ...scheduler.randomBytes(8)]
    }
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
  })

  test('a wall clock that is stepped leaves the monotonic one alone', () => {
    const scheduler = new FakeScheduler({ startMs: 1_000 })
    scheduler.stepWallClock(-500)
    expect([scheduler.now(), scheduler.monotonic()]).toEqual([500, 0])
  })

  test('a loop of soon-callbacks is an error, not a hang', () => {
    const scheduler = new FakeScheduler()
    const again = () => scheduler.soon(again)
    again()
    expect(() => scheduler.advanceSync(1)).toThrow('never comes to rest')
  })
})
