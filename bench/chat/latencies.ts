import { percentile, round } from '../measure/statistics.ts'

/** What many latencies came to, in milliseconds. */
export interface Latencies {
  readonly p50: number
  readonly p99: number
}

/** The latencies that half and 99 of 100 lie below. */
export function latencies(times: readonly number[]): Latencies {
  return { p50: round(percentile(times, 0.5)), p99: round(percentile(times, 0.99)) }
}
