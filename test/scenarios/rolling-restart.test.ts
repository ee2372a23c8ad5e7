import { idBytes } from '@parley/client'
import { delay, systemScheduler } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { expect, test } from 'vitest'
import { breaches } from '../harness/checker.ts'
import { isAccepted } from '../harness/history.ts'
import { pairsOf } from '../harness/pairs.ts'
import type { Person } from '../harness/person.ts'
import { openTraffic } from '../harness/traffic.ts'
import { testWorld } from '../harness/world.ts'

const perSecond = 500
/** How long the traffic goes on before, between and after restarts. */
const calmMs = 2_000
const askEveryMs = 20
const worstLatencyMs = 5_000

test(`with ${perSecond} messages a second flowing, restarting every relay, one after the other, refuses, loses, repeats and reorders nothing`, async () => {
  const world = await testWorld({ store: 'mariadb', relays: 2 })
  const { history, talkers, ...pairs } = await pairsOf(world, 5)
  const stop = new AbortController()
  const asking = pairs.people.slice(0, 2).map((person) => keepAsking(person, stop.signal))
  const traffic = openTraffic(talkers, perSecond)
  await delay(systemScheduler, calmMs)
  const worstMs = () => Math.max(...talkers.flatMap((talker) => talker.latencies))
  // A machine with other work to do is slow before anything is restarted.
  const limitMs = Math.max(worstLatencyMs, 2 * worstMs())
  for (const relay of world.relays.keys()) {
    await world.restart(relay)
    await delay(systemScheduler, calmMs)
  }
  await traffic.stop()
  stop.abort()
  for (const { count, failures } of await Promise.all(asking)) {
    expect(failures).toEqual([])
    expect(count).toBeGreaterThan(10)
  }

  const answers = history.sends.map((send) => send.answers)
  expect(answers.filter((each) => each.length !== 1)).toEqual([])
  expect(answers.flat().filter((answer) => !isAccepted(answer))).toEqual([])
  expect(history.sends.length / traffic.seconds()).toBeGreaterThan(perSecond * 0.8)
  expect(worstMs()).toBeLessThan(limitMs)
  await pairs.readAll()
  expect(breaches(history)).toEqual([])
  const offline = pairs.connections.filter(({ state }) => state === 'offline')
  expect(offline, 'no client was without a relay').toEqual([])
  await eventually(() => world.cluster.pid('relay-2') !== undefined)
  expect(world.deaths()).toEqual([])
})

/** Calls, one after the other, until the signal; answers how many there were and which failed. */
async function keepAsking({ calls, userId }: Person, signal: AbortSignal) {
  const failures: unknown[] = []
  for (let count = 0; ; count += 1) {
    if (signal.aborted) return { count, failures }
    await calls.accounts
      .getProfile({ user: { $case: 'userId', value: idBytes(userId) } })
      .catch((error: unknown) => failures.push(error))
    await delay(systemScheduler, askEveryMs)
  }
}
