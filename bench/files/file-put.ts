import type { Options, Work } from './options.ts'
import { readOptions } from './options.ts'
import { freshFiles, putFiles, removeBytes } from './put-round.ts'
import { report } from './report.ts'
import { runOf } from './summary.ts'
import type { Run } from './summary.ts'
import { inTurn, onStage } from './stage.ts'
import type { Stage } from './stage.ts'
import type { FileSubject } from './subject.ts'

/** Measures what taking files costs; throws unless every byte lies on disk. */
export async function filePut(args: readonly string[]): Promise<void> {
  const options = readOptions(args)
  await onStage(options, ['nginx', 'tus'], async (stage) => {
    const runs = await measure(options, stage)
    const goals = { nginx: 0.9, '@tus/server': 2.5 }
    report({ name: 'file-put', options, stage, goals, runs })
  })
}

async function measure(options: Options, stage: Stage): Promise<Run[]> {
  console.log('a first round warms up the servers and is not counted')
  for (const work of options.works) {
    for (const subject of stage.subjects) await one(stage, subject, work, 0)
  }
  const runs: Run[] = []
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const work of options.works) {
      for (const subject of inTurn(stage.subjects, round)) {
        runs.push(await one(stage, subject, work, round))
      }
    }
  }
  return runs
}

async function one(stage: Stage, subject: FileSubject, work: Work, round: number): Promise<Run> {
  const { figures, stored } = await putFiles(stage, subject, work, freshFiles(work))
  removeBytes(subject, stored)
  return runOf(subject.name, work, round, figures, work.files)
}
