import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import sharp from 'sharp'
import { save } from '../files/report.ts'
import { machineFacts, packageVersion, versions } from '../measure/machine.ts'
import { encodedAs, inputFormats, madePicture } from './made-picture.ts'
import type { InputFormat } from './made-picture.ts'
import { readOptions } from './options.ts'
import type { Options } from './options.ts'
import { startSubjects } from './start-subjects.ts'
import { resultName } from './subject.ts'
import type { Batch, Subject } from './subject.ts'
import { goals, ladder, rowsOf, summaryOf } from './summary.ts'
import type { Run } from './summary.ts'

/** A picture and what is to be made of it. */
interface Work {
  readonly name: string
  readonly input: string
  readonly format: InputFormat
  readonly sides: Batch['sides']
  readonly count: number
}

const wishes: readonly (readonly [string, Batch['sides']])[] = [
  ['256', [256]],
  ['1024', [1024]],
  [ladder, [1024, 256]],
]

/** Measures what small pictures cost; throws when one was not made as wanted. */
export async function thumbnails(args: readonly string[]): Promise<void> {
  const options = readOptions(args)
  const folder = mkdtempSync(path.join(os.tmpdir(), 'parley-bench-'))
  const machine = machineFacts()
  const subjects = await startSubjects()
  try {
    const works = await makeWorks(options, folder)
    console.log('a first round warms up and is not counted')
    await oneRound(subjects, works, folder, 0)
    const runs: Run[] = []
    for (let round = 1; round <= options.rounds; round += 1) {
      runs.push(...(await oneRound(subjects, works, folder, round)))
    }
    report(options, machine, subjects, runs)
  } finally {
    for (const subject of subjects) await subject.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function makeWorks({ pictures }: Options, folder: string): Promise<Work[]> {
  const works: Work[] = []
  for (const { name, width, height, count } of pictures) {
    const picture = await madePicture(width, height)
    for (const format of inputFormats) {
      const input = path.join(folder, `${width}.${format}`)
      writeFileSync(input, await encodedAs(picture, format))
      for (const [to, sides] of wishes) {
        works.push({ name: `${name} ${format} to ${to}`, input, format, sides, count })
      }
    }
  }
  return works
}

/** Every work by every subject, forwards and backwards in turn, so that drift cancels. */
async function oneRound(
  subjects: readonly Subject[],
  works: readonly Work[],
  folder: string,
  round: number,
): Promise<Run[]> {
  const runs: Run[] = []
  const order = round % 2 === 0 ? subjects : subjects.toReversed()
  for (const work of works) {
    for (const subject of order) {
      if (subject.formats.includes(work.format)) runs.push(await one(subject, work, folder, round))
    }
  }
  console.log(`round ${round}: ${runs.length} measurements`)
  return runs
}

async function one(subject: Subject, work: Work, folder: string, round: number): Promise<Run> {
  const out = path.join(folder, 'out')
  mkdirSync(out)
  const { name, input, format, sides, count } = work
  const cpuSeconds = await subject.run({ input, format, sides, folder: out, count })
  await assertMade(subject, work, out)
  rmSync(out, { recursive: true })
  const cpuSecondsPerPicture = cpuSeconds / count
  return { subject: subject.name, work: name, round, pictures: count, cpuSecondsPerPicture }
}

async function assertMade({ name }: Subject, { sides, count }: Work, out: string): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    for (const side of sides) {
      const result = path.join(out, resultName(index, side))
      const { format, width, height } = await sharp(result).metadata()
      const isRight = format === 'jpeg' && width === side && height === (side * 3) / 4
      if (!isRight) throw new Error(`void: ${name} made ${format} of ${width} x ${height}`)
    }
  }
}

function report(
  { rounds, pictures, save: isWanted }: Options,
  machine: object,
  subjects: readonly Subject[],
  runs: readonly Run[],
): void {
  const summary = summaryOf(runs)
  console.table(rowsOf(summary))
  if (!isWanted) return
  save('thumbnails', {
    verdict: 'every result decoded by its header: JPEG of the wanted size',
    figure: 'CPU seconds of all processes of a subject per picture',
    settings: { rounds, pictures },
    machine,
    versions: { ...versions(), sharp: packageVersion('sharp'), libvips: sharp.versions.vips },
    subjects: Object.fromEntries(subjects.map(({ name, description }) => [name, description])),
    goals,
    summary,
    runs,
  })
}
