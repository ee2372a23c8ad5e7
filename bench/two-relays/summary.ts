import { round, spread } from '../measure/statistics.ts'
import type { Paced } from './paced.ts'

/** One measured stretch of one subject. */
export type Run = Paced & { readonly subject: string; readonly round: number }

/** What a second relay may add at the 99th percentile. */
const targetMs = 3

/** What all runs came to: each subject, and what two relays take more than one. */
export function summaryOf(runs: readonly Run[], crossing: number) {
  const groups = Map.groupBy(runs, ({ subject }) => subject)
  const subjects = [...groups].map(([of, group]) => ({
    of,
    runs: group.length,
    messages: group.reduce((sum, { messages }) => sum + messages, 0),
    deliveredP50Ms: spread(group.map((run) => run.deliveredMs.p50)),
    deliveredP99Ms: spread(group.map((run) => run.deliveredMs.p99)),
    acceptedP50Ms: spread(group.map((run) => run.acceptedMs.p50)),
    acceptedP99Ms: spread(group.map((run) => run.acceptedMs.p99)),
    lateP99Ms: spread(group.map((run) => run.lateMs.p99)),
    cpuUsPerMessage: spread(group.map((run) => cpuOf(run))),
  }))
  const [one, two] = subjects
  if (one === undefined || two === undefined) throw new Error('there is nothing to compare')
  const p99 = round(two.deliveredP99Ms.median - one.deliveredP99Ms.median)
  const p50 = round(two.deliveredP50Ms.median - one.deliveredP50Ms.median)
  const [ofOne, ofTwo] = [groups.get(one.of) ?? [], groups.get(two.of) ?? []]
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
    targetMs,
    isMet: p99 <= targetMs,
  }
}

/** What a run came to. */
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

function cpuOf({ cpuUsPerMessage }: Run): number {
  return Object.values(cpuUsPerMessage).reduce((sum, each) => sum + each, 0)
}
