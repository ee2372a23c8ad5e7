import { percentile, round, spread } from '../measure/statistics.ts'

const resamples = 2_000

/** A median, and between what bounds it lies with 95 % (bootstrap). */
export interface Interval {
  readonly median: number
  readonly low: number
  readonly high: number
}

/** The median of at least one figure; `random` answers numbers from 0 to 1. */
export function medianInterval(figures: readonly number[], random = seeded(1)): Interval {
  const medians = Array.from({ length: resamples }, () => {
    const drawn = figures.map(() => figures[Math.floor(random() * figures.length)] ?? 0)
    return spread(drawn).median
  })
  return {
    median: spread(figures).median,
    low: round(percentile(medians, 0.025)),
    high: round(percentile(medians, 0.975)),
  }
}

// The same interval for the same figures: a linear congruential generator is random enough.
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
