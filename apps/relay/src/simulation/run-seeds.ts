import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { SeedOptions, SeedResult } from './run-seed.ts'
import type { SeedTask } from './seed-worker.ts'

/** The most seeds whose failure is kept whole. */
const maxKept = 20

/** How seeds are run. */
export interface RunOptions extends SeedOptions {
  /** Threads; as many as there are processors, at most 4, unless told. */
  readonly workers?: number
  /** Begins no further seed once one has broken a promise. */
  readonly untilBroken?: boolean
  /** Hears of every seed as it ends. */
  readonly told?: (result: SeedResult) => void
}

/** What came of many seeds. */
export interface RunResult {
  readonly seeds: number
  readonly operations: number
  readonly faults: number
  readonly acknowledged: number
  /** The fewest operations and faults that a seed had. */
  readonly least: { readonly operations: number; readonly faults: number }
  /** How many seeds broke a promise; the first 20 of them. */
  readonly failures: number
  readonly failed: readonly SeedResult[]
}

/** Runs the seeds from..to, both included, on several threads. */
export async function runSeeds(
  from: number,
  to: number,
  options: RunOptions = {},
): Promise<RunResult> {
  const { workers = Math.min(4, availableParallelism()), untilBroken, told, ...each } = options
  const results: SeedResult[] = []
  let next = from
  const take = () => (next <= to ? next++ : undefined)
  const note = (result: SeedResult) => {
    results.push(result)
    if (untilBroken && result.breaches.length > 0) next = Infinity
    told?.(result)
  }
  await Promise.all(Array.from({ length: workers }, () => work(take, each, note)))
  return summary(results)
}

async function work(
  take: () => number | undefined,
  options: SeedOptions,
  note: (result: SeedResult) => void,
): Promise<void> {
  const thread = new Worker(new URL('./seed-worker.ts', import.meta.url), { name: 'simulation' })
  try {
    for (let seed = take(); seed !== undefined; seed = take()) {
      thread.postMessage({ seed, options } satisfies SeedTask)
      const [result] = (await once(thread, 'message')) as [SeedResult]
      note(result)
    }
  } finally {
    await thread.terminate()
  }
}

function summary(results: readonly SeedResult[]): RunResult {
  const sum = (of: 'operations' | 'faults' | 'acknowledged') =>
    results.reduce((total, result) => total + result[of], 0)
  const least = (of: 'operations' | 'faults') => Math.min(...results.map((result) => result[of]))
  const failed = results.filter(({ breaches }) => breaches.length > 0)
  return {
    seeds: results.length,
    operations: sum('operations'),
    faults: sum('faults'),
    acknowledged: sum('acknowledged'),
    least: { operations: least('operations'), faults: least('faults') },
    failures: failed.length,
    failed: failed.toSorted((one, other) => one.seed - other.seed).slice(0, maxKept),
  }
}

/** A seed that broke a promise, for people: what, and the end of what happened. */
export function tellFailure({ seed, breaches, trace }: SeedResult): string {
  const lines = breaches.map((line) => `  ${line}`)
  return [`seed ${seed}:`, ...lines, ...trace.map((line) => `    ${line}`)].join('\n')
}
