import { CloseStack } from '@parley/service-kit'
import { FakeScheduler, recordingLogger } from '@parley/testkit'
import { describe, expect, it } from 'vitest'
import { emptyWorld } from '../testing/world.ts'
import { holdLease, leaseMs, lookMs, renewMs } from './lease.ts'
import type { LeaseParts } from './lease.ts'

/** One database, whose clock is that of all relays, and relays that want the same lease. */
function setup() {
  const scheduler = new FakeScheduler()
  const world = emptyWorld()
  const store = { away: false, asked: 0 }
  const relay = (holder: string) => {
    let isCut = false
    const run = (({ input }: { input: never }) => {
      store.asked += 1
      world.clock.nowMs = scheduler.now()
      if (isCut || store.away) return Promise.reject(new Error('away'))
      return Promise.resolve(world.outcome('takeLease', input) as { ok: true; answer: boolean })
    }) as unknown as LeaseParts['commits']['run']
    const closers = new CloseStack(scheduler)
    const { log } = recordingLogger()
    const lease = holdLease({ scheduler, log, commits: { run }, name: 'chores', holder }, closers)
    return { lease, closers, cut: () => void (isCut = true) }
  }
  // The store says what was done with `ok`; the world leaves it out.
  const outcome = world.outcome.bind(world)
  world.outcome = ((name: never, input: never) => ({ ok: true, ...outcome(name, input) })) as never
  return { scheduler, store, relay }
}

describe('a lease', () => {
  it('is of the first who asks, and of the next at once when that one lets it go', async () => {
    const { scheduler, relay } = setup()
    const [a, b] = [relay('a'), relay('b')]
    await scheduler.advance(60_000)
    expect([a.lease.isHeld, b.lease.isHeld]).toEqual([true, false])
    await a.closers.close()
    expect(a.lease.isHeld).toBe(false)
    await scheduler.advance(lookMs)
    expect(b.lease.isHeld).toBe(true)
  })

  it('is never held by two, also when its holder is cut off; then it is free after its time', async () => {
    const { scheduler, relay } = setup()
    const a = relay('a')
    await scheduler.advance(1)
    const b = relay('b')
    a.cut()
    let both = 0
    let nobodyMs = 0
    for (let passedMs = 0; passedMs < leaseMs + 2 * lookMs; passedMs += 100) {
      await scheduler.advance(100)
      if (a.lease.isHeld && b.lease.isHeld) both += 1
      if (!a.lease.isHeld && !b.lease.isHeld) nobodyMs += 100
    }
    expect([a.lease.isHeld, b.lease.isHeld]).toEqual([false, true])
    expect(both).toBe(0)
    expect(nobodyMs).toBeLessThanOrEqual(lookMs + 100)
  })

  it('is renewed in time, and kept while the store is away for less than it lasts', async () => {
    const { scheduler, store, relay } = setup()
    const { lease } = relay('a')
    await scheduler.advance(10 * renewMs)
    expect(store.asked).toBeLessThanOrEqual(11)
    store.away = true
    await scheduler.advance(leaseMs - renewMs - 1)
    expect(lease.isHeld).toBe(true)
    store.away = false
    await scheduler.advance(2_000)
    expect(lease.isHeld).toBe(true)
    store.away = true
    await scheduler.advance(leaseMs + 1)
    expect(lease.isHeld).toBe(false)
    store.away = false
    await scheduler.advance(2_000)
    expect(lease.isHeld).toBe(true)
  })
})
