import { setTimeout as sleep } from 'node:timers/promises'
import type { Crowd } from '../chat/crowd.ts'
import { latencies } from '../chat/latencies.ts'
import type { Latencies } from '../chat/latencies.ts'
import type { Counts } from '../chat/pair.ts'
import { settle } from '../chat/settle.ts'
import { cpuSeconds, cpuSecondsOfThreads, residentBytes } from '../measure/process-cpu.ts'
import { round } from '../measure/statistics.ts'

/** One stretch of talking. */
export interface StretchRequest {
  readonly window: number
  readonly warmUpMs: number
  readonly measureMs: number
  /** Whose CPU time counts. */
  readonly serverPid: number
}

/** What one stretch came to; messages count when both acknowledged and delivered. */
export interface Stretch {
  readonly window: number
  readonly messages: number
  readonly seconds: number
  readonly messagesPerSecond: number
  readonly serverCpuSeconds: number
  readonly messagesPerServerCpuSecond: number
  /** Microseconds of CPU per message, by thread of the server; threads below 0.1 are left out. */
  readonly threadUsPerMessage: Readonly<Record<string, number>>
  readonly generatorCpuSeconds: number
  readonly serverRssMiB: number
  /** From send to Accepted, and from send to delivery. */
  readonly acceptedMs: Latencies
  readonly deliveredMs: Latencies
  /** Over all stretches so far. */
  readonly totals: Counts
}

/** Lets the crowd talk, measures the middle of it, and waits until nothing is under way. */
export async function stretch(crowd: Crowd, request: StretchRequest): Promise<Stretch> {
  const { window, warmUpMs, measureMs, serverPid } = request
  crowd.talk(window)
  await sleep(warmUpMs)
  const before = instant(serverPid)
  const tally = crowd.restartTally()
  await sleep(measureMs)
  const after = instant(serverPid)
  crowd.restartTally()
  crowd.talk(0)
  await settle(crowd)
  const seconds = (after.ms - before.ms) / 1000
  const serverCpu = after.serverCpu - before.serverCpu
  return {
    window,
    messages: tally.completed,
    seconds: round(seconds),
    messagesPerSecond: round(tally.completed / seconds),
    serverCpuSeconds: round(serverCpu),
    messagesPerServerCpuSecond: round(tally.completed / serverCpu),
    threadUsPerMessage: threadShares(before.threads, after.threads, tally.completed),
    generatorCpuSeconds: round(after.ownCpu - before.ownCpu),
    serverRssMiB: round(residentBytes(serverPid) / 2 ** 20),
    acceptedMs: latencies(tally.acceptedMs),
    deliveredMs: latencies(tally.deliveredMs),
    totals: crowd.counts,
  }
}

function instant(serverPid: number) {
  const { user, system } = process.cpuUsage()
  return {
    ms: performance.now(),
    serverCpu: cpuSeconds(serverPid),
    threads: cpuSecondsOfThreads(serverPid),
    ownCpu: (user + system) / 1e6,
  }
}

type Threads = ReadonlyMap<string, number>

function threadShares(before: Threads, after: Threads, messages: number): Record<string, number> {
  const shares = [...after].map(([name, seconds]): [string, number] => {
    const us = ((seconds - (before.get(name) ?? 0)) * 1e6) / Math.max(messages, 1)
    return [name, round(us)]
  })
  return Object.fromEntries(shares.filter(([, us]) => us >= 0.1))
}
