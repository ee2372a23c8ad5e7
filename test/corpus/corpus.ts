/**
 * Gives images of strangers, and mutations of them, to a real image server: `npm run corpus -- --help`.
 * Exit code 0: it did as it must, 3: it did not, 2: the run could not be carried out, or not to its end.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { inspect } from 'node:util'
import { AppError, isAppError } from '@parley/errors'
import { missingJudges } from '../../apps/img-server/src/testing/judges.ts'
import { privateApt } from './apt-sources.ts'
import { countCandidates } from './candidates.ts'
import { fetchPackage } from './fetch-package.ts'
import type { FetchedPackage } from './fetch-package.ts'
import { readOptions } from './options.ts'
import type { CorpusOptions } from './options.ts'
import { sourcePackages } from './packages.ts'
import { corpusReport, leastImages, summaryLine, verdictOf } from './report.ts'
import { runCorpus } from './run-corpus.ts'
import { countTagged } from './private-tags.ts'
import { startWatchedServer } from './server.ts'
import { Unpacker } from './unpack.ts'
import type { CorpusImage } from './unpack.ts'

const root = path.resolve(import.meta.dirname, '../..')
const cache = path.join(root, 'node_modules/.cache/parley-corpus')
const couldNotRun = 2

function tell(line: string): void {
  process.stdout.write(`${line}\n`)
}

try {
  const options = readOptions(process.argv.slice(2))
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-corpus-'))
  try {
    process.exitCode = await run(options, folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
} catch (error) {
  const isPlain = isAppError(error) && ['USAGE', 'TOO_FEW', 'NO_SOURCES'].includes(error.reason)
  process.stderr.write(`${isPlain ? error.message : inspect(error)}\n`)
  process.exitCode = couldNotRun
}

/** Answers the exit code. */
async function run(options: CorpusOptions, folder: string): Promise<number> {
  const startMs = performance.now()
  const { seed, mutations, minutes } = options
  if (missingJudges.length > 0) tooFew(`not installed: ${missingJudges.join(', ')}`)
  const { packages, images } = await gather(options, folder)
  tell(`${countCandidates(images, mutations)} uploads to try, seed ${seed}`)
  const limitMs = minutes * 60_000
  const server = await startWatchedServer(path.join(folder, 'data'))
  const outcomesFile = path.join(cache, 'outcomes.jsonl')
  await rm(outcomesFile, { force: true })
  const what = { images, mutations, seed, limitMs, folder, outcomesFile, tell }
  const outcome = await runCorpus(what, server)
  const tagged = await countTagged(images)
  const tookMs = performance.now() - startMs
  const report = corpusReport({ options, packages, images, outcome, tookMs, tagged })
  // Part of a corpus is no result, and must not take the place of one.
  await keep(report, options.save && outcome.notTried === 0)
  tell(summaryLine(outcome))
  return verdictOf(outcome).exitCode
}

async function gather(options: CorpusOptions, folder: string) {
  await mkdir(cache, { recursive: true })
  const apt = await privateApt(path.join(cache, 'apt'))
  const unpacker = new Unpacker(folder)
  const packages: FetchedPackage[] = []
  const images: CorpusImage[] = []
  for (const name of options.packages ?? sourcePackages) {
    const fetched = await fetchPackage(apt, path.join(cache, 'archives'), name)
    const some = await unpacker.imagesOf(fetched)
    packages.push(fetched)
    images.push(...some.filter((image) => image.name.includes(options.only)))
    const gaps = fetched.missing.length > 0 ? `, not to be had: ${fetched.missing.join(', ')}` : ''
    tell(`${name}: ${some.length} images${gaps}`)
  }
  const taken = images.filter(({ kind }) => kind.isTaken).length
  if (options.save && taken < leastImages) {
    tooFew(`${taken} images of the formats that are taken, ${leastImages} are wanted`)
  }
  return { packages, images }
}

async function keep(report: ReturnType<typeof corpusReport>, save: boolean) {
  const name = `corpus-${report.date.slice(0, 10)}.json`
  const folder = save ? path.join(root, 'bench/results') : cache
  const file = path.join(folder, name)
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`)
  tell(`result: ${path.relative(process.cwd(), file)}`)
}

function tooFew(words: string): never {
  throw new AppError('precondition', 'TOO_FEW', words)
}
