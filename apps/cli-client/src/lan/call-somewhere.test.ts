import { FakeScheduler } from '@parley/testkit'
import { expect, test } from 'vitest'
import { callSomewhere } from './call-somewhere.ts'
import type { Endpoint } from './peers.ts'

const at = (port: number): Endpoint => ({ address: '10.0.0.1', port })

/** Somebody who is heard of at places, and answers at one of them. */
function setup(answersAt: number, callMs = 0) {
  const scheduler = new FakeScheduler()
  const heard: { places: Endpoint[] | undefined } = { places: [at(1)] }
  const called: number[] = []
  const call = async ({ port }: Endpoint) => {
    called.push(port)
    if (callMs > 0) await new Promise<void>((done) => scheduler.setTimer(callMs, done))
    if (port !== answersAt) throw new Error(`nobody at ${port}`)
    return port
  }
  const calling = callSomewhere({ places: () => heard.places, call, scheduler })
  // Whoever awaits it later hears of a failure.
  calling.catch(() => undefined)
  return { scheduler, heard, called, calling }
}

test('each place is called once, those that are heard of within 3 s, too', async () => {
  const { scheduler, heard, called, calling } = setup(3)
  await scheduler.advance(1_000)
  heard.places = [at(2), at(1)]
  await scheduler.advance(1_500)
  heard.places = [at(3), at(2), at(1)]
  await scheduler.advance(100)
  expect(await calling).toBe(3)
  expect(called).toEqual([1, 2, 3])
})

test('a place that is heard of while another lets the call wait for 3 s is called after it', async () => {
  const { scheduler, heard, called, calling } = setup(2, 3_000)
  await scheduler.advance(1_000)
  heard.places = [at(2), at(1)]
  await scheduler.advance(6_000)
  expect(await calling).toBe(2)
  expect(called).toEqual([1, 2])
})

test('it ends after 3 s with why the last call failed, and no later place is called', async () => {
  const { scheduler, heard, called, calling } = setup(3)
  await scheduler.advance(2_900)
  heard.places = [at(2), at(1)]
  await scheduler.advance(200)
  await expect(calling).rejects.toThrow('nobody at 2')
  heard.places = [at(3)]
  await scheduler.advance(10_000)
  expect(called).toEqual([1, 2])
  expect(scheduler.pendingTimers).toBe(0)
})

test('it ends at once when they are not here any more', async () => {
  const { scheduler, heard, calling } = setup(2)
  await scheduler.advance(500)
  heard.places = undefined
  await scheduler.advance(100)
  await expect(calling).rejects.toThrow('nobody at 1')
  expect(scheduler.pendingTimers).toBe(0)
})
