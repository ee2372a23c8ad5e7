import { round, spread } from '../measure/statistics.ts'
import type { Paced } from './paced.ts'

/** One measured stretch of one subject. */
export type Run = Paced & { readonly subject: string; readonly round: number }

/** Of fewer rounds the medians say nothing. */
const minRounds = 3
/** What a second relay may add at the 99th percentile. */
const targetMs = 3

/** What all runs came to: each subject, and what two relays take more than one. */
export function summaryOf(runs: readonly Run[], crossing: number) {
  const groups = Map.groupBy(runs, ({ subject }) => subject)
  const subjects = [...groups].map(([of, group]) => rowOf(of, group))
  const [one, two] = subjects
  if (one === undefined || two === undefined) throw new Error('there is nothing to compare')
  const p99 = round(two.deliveredP99Ms.median - one.deliveredP99Ms.median)
  const p50 = round(two.deliveredP50Ms.median - one.deliveredP50Ms.median)
  const [ofOne, ofTwo] = [groups.get(one.of) ?? [], groups.get(two.of) ?? []]
  const noiseMs = noiseOf(ofOne.map((run) => run.deliveredMs.p99))
  return {
    subjects,
    crossing,
    /** Between the medians of the runs. */
    addedMs: { p50, p99 },
    /** Of runs of one round, which are neighbours. */
    addedP99MsByRound: spread(
      ofTwo.map((run) => {
        const other = ofOne.find((each) => each.round === run.round)
        return run.deliveredMs.p99 - (other?.deliveredMs.p99 ?? 0)
      }),
    ),
    /** How far the p99s at one relay are from their median, in the median: what the machine does alone. */
    noiseMs,
    targetMs,
    verdict: verdictOf(p99, ofOne.length, noiseMs),
  }
}

function rowOf(of: string, runs: readonly Run[]) {
  return {
    of,
    runs: runs.length,
    messages: runs.reduce((sum, { messages }) => sum + messages, 0),
    deliveredP50Ms: spread(runs.map((run) => run.deliveredMs.p50)),
    deliveredP99Ms: spread(runs.map((run) => run.deliveredMs.p99)),
    acceptedP50Ms: spread(runs.map((run) => run.acceptedMs.p50)),
    acceptedP99Ms: spread(runs.map((run) => run.acceptedMs.p99)),
    lateP99Ms: spread(runs.map((run) => run.lateMs.p99)),
    cpuUsPerMessage: spread(runs.map((run) => cpuOf(run))),
  }
}

/** What all runs came to. */
export type Summary = ReturnType<typeof summaryOf>

/** The same for a terminal. */
export function rowsOf(subjects: Summary['subjects']) {
  return subjects.map((row) => ({
    of: row.of,
    'delivered p50/p99 ms': `${row.deliveredP50Ms.median} / ${row.deliveredP99Ms.median}`,
    'p99 min..max': `${row.deliveredP99Ms.min}..${row.deliveredP99Ms.max}`,
    'accepted p50/p99 ms': `${row.acceptedP50Ms.median} / ${row.acceptedP99Ms.median}`,
    'sent late p99 ms': row.lateP99Ms.median,
    'CPU us per message': row.cpuUsPerMessage.median,
  }))
}

function verdictOf(addedP99Ms: number, rounds: number, noiseMs: number): string {
  if (rounds < minRounds) return 'too few rounds to say'
  if (noiseMs > targetMs) return 'too noisy to say'
  return addedP99Ms <= targetMs ? 'met' : 'not met'
}

function noiseOf(figures: readonly number[]): number {
  const { median } = spread(figures)
  return spread(figures.map((figure) => Math.abs(figure - median))).median
}

function cpuOf({ cpuUsPerMessage }: Run): number {
  return Object.values(cpuUsPerMessage).reduce((sum, each) => sum + each, 0)
}
