import { FakeScheduler } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { Health, Metrics } from './index.ts'

describe('Health', () => {
  test('is ok while every check is', async () => {
    const health = new Health()
    health.add('store', () => undefined)
    health.add('bus', () => Promise.resolve())
    expect(await health.report()).toEqual({ status: 'ok', checks: { store: 'ok', bus: 'ok' } })
  })

  test('names the check that fails', async () => {
    const health = new Health()
    health.add('store', () => undefined)
    health.add('bus', () => Promise.reject(new Error('gone')))
    health.add('disk', () => {
      throw new Error('full')
    })
    expect(await health.report()).toEqual({
      status: 'degraded',
      checks: { store: 'ok', bus: 'degraded', disk: 'degraded' },
    })
  })

  test('a check that hangs is degraded after a second', async () => {
    const scheduler = new FakeScheduler()
    const health = new Health(scheduler)
    health.add('bus', () => new Promise(() => undefined))
    const report = health.report()
    await scheduler.advance(1_000)
    expect(await report).toMatchObject({ status: 'degraded' })
  })
})

describe('Metrics', () => {
  test('counts, reads gauges when asked, and shows both', () => {
    const metrics = new Metrics()
    let sessions = 2
    metrics.gauge('sessions', () => sessions)
    metrics.counter('messages').add()
    metrics.counter('messages').add(4)
    sessions = 3
    expect(metrics.snapshot()).toEqual({ messages: 5, sessions: 3 })
  })

  test('refuses the thousand-and-first name', () => {
    const metrics = new Metrics()
    for (let name = 0; name < 1_000; name += 1) metrics.counter(`n${name}`)
    expect(() => metrics.counter('one more')).toThrow(RangeError)
    expect(() => metrics.gauge('one more', () => 0)).toThrow(RangeError)
    expect(() => metrics.counter('n7').add()).not.toThrow()
  })
})
