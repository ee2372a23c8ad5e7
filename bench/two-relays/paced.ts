import { setTimeout as sleep } from 'node:timers/promises'
import type { Crowd } from '../chat/crowd.ts'
import { latencies } from '../chat/latencies.ts'
import type { Latencies } from '../chat/latencies.ts'
import type { Counts } from '../chat/pair.ts'
import { settle } from '../chat/settle.ts'
import { cpuSeconds } from '../measure/process-cpu.ts'
import { round } from '../measure/statistics.ts'

/** So many seconds of load may be under way; with more the servers do not keep up, and no figure counts. */
const maxBacklogSeconds = 5
/** The schedule begins a little later than the order to keep it. */
const leadMs = 10

/** One stretch of talking on a fixed schedule, whatever the servers do. */
export interface PacedRequest {
  readonly messagesPerSecond: number
  readonly warmUpMs: number
  readonly measureMs: number
  /** Processes whose CPU time counts, by name. */
  readonly pids: Readonly<Record<string, number>>
}

/** What one stretch came to: every message that was due in it, and no other. */
export interface Paced {
  readonly messages: number
  readonly messagesPerSecond: number
  /** From when a message was due to its Accepted, and to its delivery. */
  readonly acceptedMs: Latencies
  readonly deliveredMs: Latencies
  /** How late messages went out; it is part of both latencies. */
  readonly lateMs: Latencies
  /** Microseconds of CPU per message, by process. */
  readonly cpuUsPerMessage: Readonly<Record<string, number>>
  /** Over all stretches so far. */
  readonly totals: Counts
}

type Paceable = Pick<Crowd, 'say' | 'pairs' | 'inFlight' | 'restartTally' | 'counts'>

/** Keeps the schedule, first unmeasured, and waits until all that was due has arrived. */
export async function paced(crowd: Paceable, request: PacedRequest): Promise<Paced> {
  const { messagesPerSecond: rate, warmUpMs, measureMs, pids } = request
  await keep(crowd, rate, warmUpMs)
  const before = cpuOf(pids)
  const tally = crowd.restartTally()
  const { late, seconds } = await keep(crowd, rate, measureMs)
  const messages = tally.completed
  const after = Object.entries(cpuOf(pids))
  const used = after.map(([name, cpu]): [string, number] => {
    return [name, round(((cpu - (before[name] ?? 0)) * 1e6) / Math.max(messages, 1))]
  })
  return {
    messages,
    messagesPerSecond: round(messages / seconds),
    acceptedMs: latencies(tally.acceptedMs),
    deliveredMs: latencies(tally.deliveredMs),
    lateMs: latencies(late),
    cpuUsPerMessage: Object.fromEntries(used),
    totals: crowd.counts,
  }
}

/** One message per tick of the schedule, then silence until all are there. */
async function keep(crowd: Paceable, rate: number, forMs: number) {
  const startMs = performance.now() + leadMs
  const count = Math.round((forMs * rate) / 1000)
  const late: number[] = []
  const turns = turnsOf(crowd.pairs)
  while (late.length < count) {
    await sleep(1)
    const nowMs = performance.now()
    const due = Math.min(count, Math.floor(((nowMs - startMs) * rate) / 1000) + 1)
    while (late.length < due) {
      const dueAtMs = startMs + (late.length * 1000) / rate
      crowd.say(turns.next().value, dueAtMs)
      late.push(nowMs - dueAtMs)
    }
    if (crowd.inFlight > rate * maxBacklogSeconds) throw new Error('the servers do not keep up')
  }
  await settle(crowd)
  return { late, seconds: (performance.now() - startMs) / 1000 }
}

/** Every pair once, then every pair again, each time shuffled: in a fixed order, acks would meet the same sends. */
function* turnsOf(pairs: number): Generator<number, never> {
  const order = Array.from({ length: pairs }, (_, i) => i)
  for (;;) {
    for (let i = pairs - 1; i > 0; i -= 1) {
      const j = Math.floor(Math.random() * (i + 1))
      ;[order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0]
    }
    yield* order
  }
}

function cpuOf(pids: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuSeconds(pid)]))
}
