import { percentile, round } from '../measure/statistics.ts'
import type { LoadFigures, ResumeFigures } from './load.ts'
import { medianInterval } from './interval.ts'
import { readOptions } from './options.ts'
import type { Options } from './options.ts'
import { parleyName } from './parley-subject.ts'
import { assertBytes, freshFiles, matched, removeBytes } from './put-round.ts'
import { save, subjectsOf } from './report.ts'
import { clientCore, inTurn, onStage, serverCore, settleDisk } from './stage.ts'
import type { Stage } from './stage.ts'
import type { FileSubject } from './subject.ts'

const mebibyte = 1 << 20
const sizeBytes = 256 * mebibyte
const cuts = 15

interface Run extends LoadFigures, ResumeFigures {
  readonly subject: string
  readonly round: number
}

/** Measures what interrupted uploads cost; throws unless every byte arrives in the end. */
export async function uploadResume(args: readonly string[]): Promise<void> {
  const options = readOptions(args)
  await onStage(options, ['tus'], async (stage) => {
    const runs = await measure(options, stage)
    const summary = summaryOf(runs)
    console.table(summary)
    if (!options.save) return
    const settings = { rounds: options.rounds, sizeBytes, cuts, serverCore, clientCore }
    const verdict = 'every byte compared: 0 lost, 0 changed'
    const { machine } = stage
    save('upload-resume', {
      verdict,
      settings,
      machine,
      subjects: subjectsOf(stage),
      summary,
      runs,
    })
  })
}

async function measure(options: Options, stage: Stage): Promise<Run[]> {
  console.log('a first round warms up the servers and is not counted')
  for (const subject of stage.subjects) await one(stage, subject, 0)
  const runs: Run[] = []
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const subject of inTurn(stage.subjects, round)) {
      runs.push(await one(stage, subject, round))
    }
  }
  return runs
}

async function one({ clients }: Stage, subject: FileSubject, roundNumber: number): Promise<Run> {
  const files = freshFiles({ files: 1, sizeBytes })
  const jobs = []
  for (const file of files) jobs.push(await subject.putJob(file))
  const cutsAtBytes = randomCuts()
  const { address, pid } = subject
  const target = { address, pid, parallel: 1 }
  const done = await clients.carryOut({ kind: 'resume', ...target, jobs, cutsAtBytes })
  if (done.kind !== 'resumed') throw new Error('the clients answer something else')
  settleDisk()
  const stored = matched(files, done.stored)
  for (const { file, answer } of stored) await assertBytes(subject, file, answer)
  removeBytes(subject, stored)
  const { figures, resentBytes, backMs } = done
  console.log(
    `${subject.name}: ${figures.serverCpuSeconds} CPU-s, resent at most ${Math.max(...resentBytes)} bytes`,
  )
  return { subject: subject.name, round: roundNumber, ...figures, resentBytes, backMs }
}

function randomCuts(): number[] {
  return Array.from({ length: cuts }, () => Math.floor(Math.random() * sizeBytes)).toSorted(
    (one, other) => one - other,
  )
}

function summaryOf(runs: readonly Run[]) {
  return [...Map.groupBy(runs, ({ subject }) => subject)].map(([subject, group]) => {
    const gib = sizeBytes / 2 ** 30
    const resent = group.flatMap((run) => run.resentBytes)
    const back = group.flatMap((run) => run.backMs)
    return {
      subject,
      runs: group.length,
      cuts: resent.length,
      cpuSecondsPerGib: medianInterval(group.map((run) => run.serverCpuSeconds / gib)).median,
      resentBytesMedian: round(percentile(resent, 0.5)),
      resentBytesMax: Math.max(...resent),
      backMsMedian: round(percentile(back, 0.5)),
      backMsMax: round(Math.max(...back)),
      ...(subject === parleyName ? {} : { oursOverPeerPerCpuSecond: ratioOf(runs, group) }),
    }
  })
}

function ratioOf(runs: readonly Run[], peers: readonly Run[]): number {
  const ours = runs.filter(({ subject }) => subject === parleyName)
  const ratios = ours.flatMap((our) => {
    const peer = peers.find((each) => each.round === our.round)
    return peer ? [peer.serverCpuSeconds / our.serverCpuSeconds] : []
  })
  return medianInterval(ratios).median
}
