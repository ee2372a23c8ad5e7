import os from 'node:os'
import path from 'node:path'
import type { CorpusOptions } from './options.ts'
import type { CorpusOutcome } from './run-corpus.ts'
import type { FetchedPackage } from './fetch-package.ts'
import type { CorpusImage } from './unpack.ts'

/** So many of the formats that are taken make a corpus. */
export const leastImages = 1_200

const mebibyte = 1024 * 1024

/** What is to be told of a run. */
export interface CorpusFacts {
  readonly options: CorpusOptions
  readonly packages: readonly FetchedPackage[]
  readonly images: readonly CorpusImage[]
  readonly outcome: CorpusOutcome
  readonly tookMs: number
  /** Images that came with a place, a serial number or an owner. */
  readonly tagged: number
}

/** Whether the server did as it must; nobody knows as long as not everything was tried. */
export function verdictOf({ wrong, notTried }: CorpusOutcome) {
  if (wrong.length > 0) return { words: `${wrong.length} findings`, exitCode: 3 }
  if (notTried > 0) return { words: 'incomplete', exitCode: 2 }
  return { words: 'sound', exitCode: 0 }
}

/** The result as it is kept. */
export function corpusReport({ options, packages, images, outcome, tookMs, tagged }: CorpusFacts) {
  const { tally, end } = outcome
  return {
    case: 'corpus',
    date: new Date().toISOString(),
    verdict: verdictOf(outcome).words,
    line: summaryLine(outcome),
    wrong: outcome.wrong,
    seed: options.seed,
    mutationsOfEach: options.mutations,
    tookSeconds: Math.round(tookMs / 1000),
    machine: { cpus: os.cpus().length, memoryBytes: os.totalmem(), node: process.versions.node },
    images: {
      ...tally.tried,
      notTried: outcome.notTried,
      ofFormatsTaken: images.filter(({ kind }) => kind.isTaken).length,
      withPrivateTags: tagged,
    },
    judgedPictures: outcome.judged,
    peakMiB: {
      server: Math.round(end.peaks.serverBytes / mebibyte),
      worker: Math.round(end.peaks.workerBytes / mebibyte),
    },
    workersSeen: end.peaks.workers,
    logged: end.logged,
    outcomes: { images: tally.images, mutations: tally.mutations },
    latencies: tally.latencies(),
    costly: tally.costly,
    slowRefusals: tally.slowRefusals,
    packages: packages.map(({ name, archives, missing }) => ({
      name,
      archives: archives.map((file) => path.basename(file)),
      missing,
      outcomes: tally.packages[name] ?? {},
    })),
  }
}

/** One line for people. */
export function summaryLine({ tally, notTried, end, judged, wrong }: CorpusOutcome): string {
  const { images, mutations } = tally.tried
  const crashes = end.crashes.length
  const peaks = [end.peaks.serverBytes, end.peaks.workerBytes].map((b) => Math.round(b / mebibyte))
  const rest = notTried > 0 ? `, ${notTried} not tried` : ''
  return (
    `${images} files, ${mutations} mutations${rest}: ${crashes} crashes of the service, ` +
    `${judged} pictures judged, ${wrong.length} findings; ` +
    `peaks: service ${peaks[0]} MiB, worker ${peaks[1]} MiB`
  )
}
