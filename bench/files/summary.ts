import { round, spread } from '../measure/statistics.ts'
import type { Spread } from '../measure/statistics.ts'
import { medianInterval } from './interval.ts'
import type { Interval } from './interval.ts'
import type { LoadFigures } from './load.ts'
import type { Work } from './options.ts'
import { parleyName } from './parley-subject.ts'

/** One measurement of one server. */
export interface Run extends LoadFigures {
  readonly subject: string
  readonly work: string
  readonly round: number
  readonly files: number
  readonly bytes: number
  readonly cpuSecondsPerGib: number
  readonly gibPerSecond: number
}

/** What moving `files` files of this work came to. */
export function runOf(
  subject: string,
  work: Pick<Work, 'name' | 'sizeBytes'>,
  roundNumber: number,
  figures: LoadFigures,
  files: number,
): Run {
  const bytes = files * work.sizeBytes
  const gib = bytes / 2 ** 30
  const run = {
    subject,
    work: work.name,
    round: roundNumber,
    files,
    bytes,
    cpuSecondsPerGib: round(figures.serverCpuSeconds / gib),
    gibPerSecond: round(gib / figures.seconds),
    ...figures,
  }
  console.log(
    `${run.work}, ${subject}: ${run.cpuSecondsPerGib} CPU-s per GiB, ${run.gibPerSecond} GiB/s`,
  )
  return run
}

/** How ours must stand to peers: their CPU seconds per GiB over ours. */
export type Goals = Readonly<Record<string, number>>

/** What all runs of one server with one work came to. */
export interface SummaryRow {
  readonly work: string
  readonly subject: string
  readonly runs: number
  readonly files: number
  readonly cpuSecondsPerGib: Spread
  readonly cpuMsPerFile: Spread
  readonly gibPerSecond: Spread
  /** Of peers. */
  readonly comparison?: Comparison
}

/** Ours over a peer, of runs of one round, which are neighbours; more than 1 is better than the peer. */
interface Comparison {
  readonly workPerCpuSecond: Interval
  readonly bytesPerSecond: Interval
  readonly goal: number | undefined
  readonly verdict: string | undefined
}

/** What all runs came to, by work and server. */
export function summaryOf(runs: readonly Run[], goals: Goals): SummaryRow[] {
  const works = Map.groupBy(runs, ({ work }) => work)
  return [...works].flatMap(([work, ofWork]) => {
    const ours = ofWork.filter(({ subject }) => subject === parleyName)
    return [...Map.groupBy(ofWork, ({ subject }) => subject)].map(([subject, group]) => ({
      work,
      subject,
      runs: group.length,
      files: group.reduce((sum, { files }) => sum + files, 0),
      cpuSecondsPerGib: spread(group.map((run) => run.cpuSecondsPerGib)),
      cpuMsPerFile: spread(group.map((run) => (run.serverCpuSeconds * 1000) / run.files)),
      gibPerSecond: spread(group.map((run) => run.gibPerSecond)),
      ...(subject !== parleyName && { comparison: compare(ours, group, goals[subject]) }),
    }))
  })
}

function compare(
  ours: readonly Run[],
  peers: readonly Run[],
  goal: number | undefined,
): Comparison {
  const pairs = ours.flatMap((our) => {
    const peer = peers.find((each) => each.round === our.round)
    return peer ? [{ our, peer }] : []
  })
  const perCpu = pairs.map(({ our, peer }) => peer.serverCpuSeconds / our.serverCpuSeconds)
  const perSecond = pairs.map(({ our, peer }) => our.gibPerSecond / peer.gibPerSecond)
  const workPerCpuSecond = medianInterval(perCpu)
  const verdict = goal === undefined ? undefined : verdictOf(workPerCpuSecond, goal)
  return { workPerCpuSecond, bytesPerSecond: medianInterval(perSecond), goal, verdict }
}

function verdictOf({ low, median }: { low: number; median: number }, goal: number): string {
  if (low >= goal) return 'met'
  return median >= goal ? 'met in the median' : 'not met'
}

/** The same for a terminal. */
export function rowsOf(summary: readonly SummaryRow[]) {
  return summary.map((row) => ({
    work: row.work,
    server: row.subject,
    'CPU-s/GiB': row.cpuSecondsPerGib.median,
    'min..max': `${row.cpuSecondsPerGib.min}..${row.cpuSecondsPerGib.max}`,
    'CPU-ms/file': row.cpuMsPerFile.median,
    'GiB/s': row.gibPerSecond.median,
    ...(row.comparison && columnsOf(row.comparison)),
  }))
}

function columnsOf({ workPerCpuSecond, bytesPerSecond, goal, verdict }: Comparison) {
  const text = ({ median, low, high }: Interval) => `${median} (${low}..${high})`
  return {
    'ours/peer per CPU-s': text(workPerCpuSecond),
    'ours/peer GiB/s': text(bytesPerSecond),
    goal: goal === undefined ? '' : `>= ${goal}: ${verdict ?? ''}`,
  }
}
