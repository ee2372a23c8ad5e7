import { appendFile } from 'node:fs/promises'
import { workerOptions } from '../../apps/img-server/src/pool/worker-options.ts'
import { attempt } from './attempt.ts'
import type { Door } from './attempt.ts'
import { candidatesOf, countCandidates } from './candidates.ts'
import type { Candidate } from './candidates.ts'
import { Judge } from './judge.ts'
import type { MemoryPeaks } from './memory-watch.ts'
import type { ServerEnd, WatchedServer } from './server.ts'
import { Tally } from './tally.ts'
import type { CorpusImage } from './unpack.ts'

/** What is to be tried, and for how long. */
export interface CorpusRun {
  readonly images: readonly CorpusImage[]
  readonly mutations: number
  readonly seed: number
  readonly limitMs: number
  /** For pictures that wait for their judges. */
  readonly folder: string
  /** Gets a line about each candidate. */
  readonly outcomesFile: string
  readonly tell: (line: string) => void
}

/** What came of it: `wrong` is empty when the server did as it must with what was tried. */
export interface CorpusOutcome {
  readonly tally: Tally
  /** Candidates for which there was no time, or no server. */
  readonly notTried: number
  readonly judged: number
  readonly wrong: readonly string[]
  readonly end: ServerEnd
}

/** One user alone never has all workers, and may begin 20 uploads in a second only. */
const users = 20
const lanes = 2
const mebibyte = 1024 * 1024
/** It holds no image, only the two uploads that pass through it. */
const serverLimitBytes = 512 * mebibyte
const maxWrong = 200
const tellEvery = 500

/** Gives every candidate to a server, two at a time, and ends the server. */
export async function runCorpus(run: CorpusRun, server: WatchedServer): Promise<CorpusOutcome> {
  const wrong: string[] = []
  const blame = (words: string) => {
    if (wrong.length < maxWrong) wrong.push(words)
    run.tell(`WRONG ${words}`)
  }
  const tally = new Tally()
  const judge = new Judge(run.folder, blame)
  const candidates = candidatesOf(run.images, run.mutations, run.seed)
  const untilMs = performance.now() + run.limitMs
  const lane = async () => {
    for (;;) {
      // One generator for both: each takes what the other has not.
      const { value: candidate, done } = await candidates.next()
      if (done || performance.now() > untilMs) return
      if (!(await server.isWell())) return blame(`the server was not well before ${candidate.name}`)
      const door = server.door(userOf(candidate.number))
      await tryOne({ run, door, candidate, tally, judge, blame })
    }
  }
  try {
    await Promise.all(Array.from({ length: lanes }, lane))
    await judge.finish()
  } catch (error) {
    await server.kill()
    throw error
  }
  if (judge.judged !== tally.pictures)
    blame(`${tally.pictures} pictures were served and ${judge.judged} judged`)
  if (!(await server.isWell())) blame('the server is not well at the end')
  const end = await server.stop()
  for (const words of [...end.crashes, ...end.errors, ...beyond(end.peaks)]) blame(words)
  const { images, mutations } = tally.tried
  const notTried = countCandidates(run.images, run.mutations) - images - mutations
  return { tally, notTried, judged: judge.judged, wrong, end }
}

function userOf(number: number): string {
  return `01890000-0000-7000-8000-0000000000${10 + (number % users)}`
}

/** What of these peaks is more than the service and a worker may hold. */
export function beyond({ serverBytes, workerBytes }: MemoryPeaks): string[] {
  const { residentLimitBytes } = workerOptions
  const said = (bytes: number) => `held ${Math.round(bytes / mebibyte)} MiB`
  return [
    ...(serverBytes > serverLimitBytes ? [`the service ${said(serverBytes)}`] : []),
    ...(workerBytes > residentLimitBytes ? [`a worker ${said(workerBytes)}`] : []),
  ]
}

interface Trial {
  readonly run: CorpusRun
  readonly door: Door
  readonly candidate: Candidate
  readonly tally: Tally
  readonly judge: Judge
  readonly blame: (words: string) => void
}

async function tryOne({ run, door, candidate, tally, judge, blame }: Trial): Promise<void> {
  // Every other one is asked for as a viewer would that knows no WebP.
  const accept = candidate.number % 2 === 0 ? '*/*' : 'image/jpeg'
  const done = await attempt(door, candidate, accept)
  tally.add(candidate, done)
  for (const words of done.wrong) blame(`${candidate.name}: ${words}`)
  if (done.served.length > 0) await judge.take(candidate.name, done.served)
  const { outcome, tookMs } = done
  const line = JSON.stringify({ name: candidate.name, kind: candidate.kind, outcome, tookMs })
  await appendFile(run.outcomesFile, `${line}\n`)
  if (candidate.number % tellEvery === 0)
    run.tell(`${candidate.number} tried, ${judge.judged} pictures judged`)
}
