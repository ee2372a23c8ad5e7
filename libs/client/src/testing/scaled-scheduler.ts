import { systemScheduler } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'

/** The real clock, but every second passes `factor` times as fast: patience can be tested quickly. */
export function scaledScheduler(factor: number, random: () => number = Math.random): Scheduler {
  const startMs = Date.now()
  return {
    ...systemScheduler,
    random,
    now: () => startMs + (Date.now() - startMs) * factor,
    monotonic: () => systemScheduler.monotonic() * factor,
    setTimer: (delayMs, fn) => systemScheduler.setTimer(delayMs / factor, fn),
    every: (periodMs, fn) => systemScheduler.every(periodMs / factor, fn),
  }
}
