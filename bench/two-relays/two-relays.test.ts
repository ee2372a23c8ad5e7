import { expect, test } from 'vitest'
import type { Tally } from '../chat/crowd.ts'
import { paced } from './paced.ts'
import { summaryOf } from './summary.ts'
import type { Run } from './summary.ts'

const stretch = { messagesPerSecond: 2_000, warmUpMs: 20, measureMs: 100, pids: {} }

test('a schedule is kept to the message, none before it is due, and each pair has its turn', async () => {
  const { crowd, said } = setup()
  const { messages } = await paced(crowd, stretch)
  expect(messages).toBe(200)
  const measured = said.slice(-200)
  expect(said).toHaveLength(240)
  const pairs = measured.map(({ pair }) => pair)
  for (let at = 0; at < 200; at += 20) {
    expect(new Set(pairs.slice(at, at + 20)).size).toBe(20)
  }
  expect(measured.every(({ dueAtMs, atMs }) => dueAtMs <= atMs)).toBe(true)
  const [first, last] = [measured.at(0)!, measured.at(-1)!]
  expect(last.dueAtMs - first.dueAtMs).toBeCloseTo(99.5, 3)
})

test('what stalls late counts as late: latencies begin when a message was due', async () => {
  const { crowd } = setup({ stallMs: 60 })
  const { lateMs, deliveredMs } = await paced(crowd, stretch)
  expect(lateMs.p99).toBeGreaterThan(40)
  expect(deliveredMs.p99).toBeGreaterThan(40)
})

test('servers that have 5 seconds of load under way do not keep up', async () => {
  const { crowd } = setup({ inFlight: 10_001 })
  await expect(paced(crowd, stretch)).rejects.toThrow('do not keep up')
})

test('what a second relay adds is the difference of the medians', () => {
  const runs = [
    run('one relay', 1, 5),
    run('two relays', 1, 9),
    run('two relays', 2, 7),
    run('one relay', 2, 6),
    run('one relay', 3, 50),
    run('two relays', 3, 8),
  ]
  const { addedMs, addedP99MsByRound, noiseMs, verdict } = summaryOf(runs, 1)
  expect(addedMs).toEqual({ p50: 1, p99: 2 })
  expect(addedP99MsByRound).toEqual({ median: 1, min: -42, max: 4 })
  expect([noiseMs, verdict]).toEqual([1, 'met'])
  const slower = runs.map((each) =>
    each.subject === 'one relay' ? each : run('two relays', each.round, 9.1),
  )
  expect(summaryOf(slower, 1).verdict).toBe('not met')
})

test('where one relay alone varies by more than the target, or of two rounds, nothing is concluded', () => {
  const runs = [2, 10, 20].flatMap((p99, i) => [run('one relay', i, p99), run('two relays', i, 1)])
  expect(summaryOf(runs, 1).verdict).toBe('too noisy to say')
  expect(summaryOf(runs.slice(0, 4), 1).verdict).toBe('too few rounds to say')
})

/** Servers that answer at once, but hold up the process for a while at the 100th message. */
function setup({ stallMs = 0, inFlight = 0 } = {}) {
  const said: { pair: number; dueAtMs: number; atMs: number }[] = []
  let tally: Tally = { completed: 0, acceptedMs: [], deliveredMs: [] }
  const crowd = {
    pairs: 20,
    inFlight,
    counts: { sent: 0, accepted: 0, delivered: 0 },
    restartTally: () => (tally = { completed: 0, acceptedMs: [], deliveredMs: [] }),
    say(pair: number, dueAtMs: number) {
      const untilMs = performance.now() + (said.length === 100 ? stallMs : 0)
      while (performance.now() < untilMs);
      const atMs = performance.now()
      said.push({ pair, dueAtMs, atMs })
      tally.completed += 1
      tally.acceptedMs.push(atMs - dueAtMs)
      tally.deliveredMs.push(atMs - dueAtMs)
    },
  }
  return { crowd, said }
}

function run(subject: string, round: number, p99: number): Run {
  const latency = { p50: p99 / 2, p99 }
  return {
    subject,
    round,
    messages: 1,
    messagesPerSecond: 1,
    acceptedMs: latency,
    deliveredMs: latency,
    lateMs: latency,
    cpuUsPerMessage: {},
    totals: { sent: 1, accepted: 1, delivered: 1 },
  }
}
