import { medianInterval } from '../files/interval.ts'
import type { Interval } from '../files/interval.ts'
import { round, spread } from '../measure/statistics.ts'
import type { Spread } from '../measure/statistics.ts'

/** The name of ours among the subjects. */
export const ours = 'parley'

/** What every uploaded image needs, and the goals are about. */
export const ladder = '1024 and 256'

/** How many times the CPU of ours a peer must take. */
export const goals: Readonly<Record<string, number>> = {
  imagemagick: 8,
  'imagemagick jpeg:size': 1.5,
  ipx: 1.5,
  vipsthumbnail: 2,
}

/** One measurement. */
export interface Run {
  readonly subject: string
  /** Which picture, and what was made of it. */
  readonly work: string
  readonly round: number
  readonly pictures: number
  readonly cpuSecondsPerPicture: number
}

/** What all runs of one subject with one work came to. */
export interface SummaryRow {
  readonly work: string
  readonly subject: string
  readonly cpuMsPerPicture: Spread
  /** Of peers: their CPU over ours, of neighbouring runs. */
  readonly peerOverOurs?: Interval
  readonly goal?: number
  readonly verdict?: string
}

/** What all runs came to, by work and subject. */
export function summaryOf(runs: readonly Run[]): SummaryRow[] {
  return [...Map.groupBy(runs, ({ work }) => work)].flatMap(([work, ofWork]) => {
    const own = ofWork.filter(({ subject }) => subject === ours)
    return [...Map.groupBy(ofWork, ({ subject }) => subject)].map(([subject, group]) => ({
      work,
      subject,
      cpuMsPerPicture: spread(group.map((run) => run.cpuSecondsPerPicture * 1000)),
      ...(subject !== ours &&
        compare(own, group, work.endsWith(ladder) ? goals[subject] : undefined)),
    }))
  })
}

function compare(own: readonly Run[], peers: readonly Run[], goal: number | undefined) {
  const ratios = own.flatMap((our) => {
    const peer = peers.find((each) => each.round === our.round)
    return peer ? [peer.cpuSecondsPerPicture / our.cpuSecondsPerPicture] : []
  })
  const peerOverOurs = medianInterval(ratios)
  if (goal === undefined) return { peerOverOurs }
  return { peerOverOurs, goal, verdict: verdictOf(peerOverOurs, goal) }
}

function verdictOf({ low, median }: Interval, goal: number): string {
  if (low >= goal) return 'met'
  return median >= goal ? 'met in the median' : 'not met'
}

/** The same for a terminal. */
export function rowsOf(summary: readonly SummaryRow[]) {
  return summary.map(({ work, subject, cpuMsPerPicture, peerOverOurs, goal, verdict }) => ({
    work,
    subject,
    'CPU-ms': round(cpuMsPerPicture.median),
    'min..max': `${cpuMsPerPicture.min}..${cpuMsPerPicture.max}`,
    'peer/ours': peerOverOurs ? textOf(peerOverOurs) : '',
    goal: goal === undefined ? '' : `>= ${goal}: ${verdict}`,
  }))
}

function textOf({ median, low, high }: Interval): string {
  return `${round(median)} (${round(low)}..${round(high)})`
}
