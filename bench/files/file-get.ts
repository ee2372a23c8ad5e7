import type { Options, Work } from './options.ts'
import { readOptions } from './options.ts'
import { freshFiles, putFiles, removeBytes } from './put-round.ts'
import type { Stored } from './put-round.ts'
import { report } from './report.ts'
import { runOf } from './summary.ts'
import type { Run } from './summary.ts'
import { inTurn, onStage } from './stage.ts'
import type { Stage } from './stage.ts'
import type { FileSubject, GetJob } from './subject.ts'

/** Measures what giving files costs; throws when a byte is another. */
export async function fileGet(args: readonly string[]): Promise<void> {
  const options = readOptions(args)
  await onStage(options, ['nginx', 'tus'], async (stage) => {
    const runs: Run[] = []
    for (const work of options.works) runs.push(...(await measure(options, stage, work)))
    report({ name: 'file-get', options, stage, goals: { nginx: 0.6 }, runs })
  })
}

async function measure(options: Options, stage: Stage, work: Work): Promise<Run[]> {
  const laid = new Map<FileSubject, readonly Stored[]>()
  for (const subject of stage.subjects) {
    const { stored } = await putFiles(stage, subject, work, freshFiles(work))
    laid.set(subject, stored)
    await fetchAll(stage, subject, work, stored)
  }
  const runs: Run[] = []
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const subject of inTurn(stage.subjects, round)) {
      const figures = await fetchAll(stage, subject, work, laid.get(subject) ?? [])
      runs.push(runOf(subject.name, work, round, figures, work.files * work.fetches))
    }
  }
  for (const [subject, stored] of laid) removeBytes(subject, stored)
  return runs
}

/** Fetches every file once with all bytes compared, and then as often as is measured. */
async function fetchAll(
  { clients }: Stage,
  subject: FileSubject,
  { parallel, fetches }: Work,
  stored: readonly Stored[],
) {
  const { address, pid } = subject
  const jobs: GetJob[] = []
  for (const { file, answer } of stored) jobs.push(await subject.getJob(file, answer))
  const target = { kind: 'get', address, pid, parallel } as const
  await clients.carryOut({ ...target, jobs, everyByte: true })
  const all = Array.from({ length: fetches }, () => jobs).flat()
  return (await clients.carryOut({ ...target, jobs: all, everyByte: false })).figures
}
