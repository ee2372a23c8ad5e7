import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { tempFolder } from '@parley/testkit'
import sharp from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import { hasExiftool, hasPillow } from '../../apps/img-server/src/testing/judges.ts'
import { photograph, scene } from '../../apps/img-server/src/testing/pictures.ts'
import { Judge } from './judge.ts'
import { corpusReport, summaryLine, verdictOf } from './report.ts'
import { beyond, runCorpus } from './run-corpus.ts'
import { startWatchedServer } from './server.ts'
import type { CorpusImage } from './unpack.ts'

const isJudged = hasExiftool && hasPillow

async function setup(files: Readonly<Record<string, Buffer>>) {
  const folder = await tempFolder()
  const images: CorpusImage[] = []
  for (const [name, bytes] of Object.entries(files)) {
    const file = path.join(folder, `${images.length}`)
    await writeFile(file, bytes)
    const kind = { name: path.extname(name), isTaken: name !== 'drawing.svg' }
    images.push({ name, package: 'made', kind, sizeBytes: bytes.length, digest: name, file })
  }
  const lines: string[] = []
  const server = await startWatchedServer(path.join(folder, 'data'))
  onTestFinished(() => server.kill())
  const outcomesFile = path.join(folder, 'outcomes.jsonl')
  const run = {
    images,
    seed: 5,
    folder,
    outcomesFile,
    tell: (line: string) => void lines.push(line),
  }
  return { run, server, images, lines }
}

test.runIf(isJudged)(
  'what is made and what is refused is counted, and nothing is wrong',
  async () => {
    const cut = await scene(300, 200).png().toBuffer()
    const { run, server, images } = await setup({
      'photograph.jpg': await photograph(320, 240),
      'cut.png': cut.subarray(0, cut.length / 2),
      'drawing.svg': Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    })
    const outcome = await runCorpus({ ...run, mutations: 2, limitMs: 60_000 }, server)
    expect(outcome.wrong).toEqual([])
    expect(outcome.tally.images).toEqual({
      '.jpg': { made: 1 },
      '.png': { '422 IMAGE_BROKEN': 1 },
      '.svg': { '415 IMAGE_FORMAT_UNSUPPORTED': 1 },
    })
    expect(outcome.tally.tried).toEqual({ images: 3, mutations: 4 })
    expect(outcome.judged).toBeGreaterThanOrEqual(3)
    expect(outcome.judged % 3).toBe(0)
    expect(outcome.judged).toBe(outcome.tally.pictures)
    const lines = (await readFile(run.outcomesFile, 'utf8')).trim().split('\n')
    expect(lines).toHaveLength(7)
    const options = {
      seed: 5,
      minutes: 1,
      mutations: 2,
      packages: undefined,
      only: '',
      save: false,
    }
    const report = corpusReport({ options, packages: [], images, outcome, tookMs: 1, tagged: 1 })
    expect(report.verdict).toBe('sound')
    expect(report.line).toMatch(/^3 files, 4 mutations: 0 crashes of the service, .* 0 findings/)
    expect(report.peakMiB.server).toBeGreaterThan(40)
    expect(report.peakMiB.worker).toBeGreaterThan(40)
  },
)

test('a server that is killed meanwhile is a crash, and no more is tried', async () => {
  const bytes = await scene(900, 700).png().toBuffer()
  const names = Array.from({ length: 200 }, (_, index) => [`${index}.png`, bytes] as const)
  const { run, server } = await setup(Object.fromEntries(names))
  const ended = runCorpus({ ...run, mutations: 0, limitMs: 600_000 }, server)
  process.kill(server.pid, 'SIGKILL')
  const { wrong, end, tally } = await ended
  expect(end.crashes.join()).toMatch(/^the server ended with SIGKILL( before it was stopped)?$/)
  expect(wrong).toContain('the server is not well at the end')
  expect(tally.tried.images).toBeLessThan(200)
})

test('more memory than a worker or the service may hold is told', () => {
  const mebibyte = 1024 * 1024
  const peaks = { serverBytes: 500 * mebibyte, workerBytes: 1000 * mebibyte, workers: 2 }
  expect(beyond(peaks)).toEqual([])
  const larger = { ...peaks, serverBytes: 600 * mebibyte, workerBytes: 1500 * mebibyte }
  expect(beyond(larger)).toEqual(['the service held 600 MiB', 'a worker held 1500 MiB'])
})

test('after its time no more is tried, and what was not is told', async () => {
  const bytes = await scene(90, 70).png().toBuffer()
  const { run, server } = await setup({ 'a.png': bytes, 'b.png': bytes })
  const outcome = await runCorpus({ ...run, mutations: 9, limitMs: 0 }, server)
  expect(outcome.wrong).toEqual([])
  expect(outcome.tally.tried).toEqual({ images: 0, mutations: 0 })
  expect(verdictOf(outcome)).toEqual({ words: 'incomplete', exitCode: 2 })
  expect(summaryLine(outcome)).toMatch(/^0 files, 0 mutations, 20 not tried: /)
})

test('a server that is not well for a moment is told, also when it is well at the end', async () => {
  const bytes = await scene(90, 70).png().toBuffer()
  const { run, server } = await setup({ 'a.png': bytes, 'b.png': bytes, 'c.png': bytes })
  let looks = 0
  const isWell = async () => (looks += 1) !== 2 && server.isWell()
  const outcome = await runCorpus({ ...run, mutations: 0, limitMs: 60_000 }, { ...server, isWell })
  expect(outcome.wrong).toEqual([expect.stringMatching(/^the server was not well before .\.png$/)])
  expect(outcome.notTried).toBe(1)
  expect(verdictOf(outcome)).toEqual({ words: '1 findings', exitCode: 3 })
})

test.runIf(isJudged)(
  'the judges tell of a picture with a place in it, and of one that is cut',
  async () => {
    const told: string[] = []
    const judge = new Judge(await tempFolder(), (wrong) => told.push(wrong))
    const whole = await sharp(await scene(64, 48).jpeg().toBuffer())
      .webp()
      .toBuffer()
    const type = 'image/jpeg'
    await judge.take('a', [{ variant: 'full', type, bytes: await photograph(64, 48) }])
    await judge.take('b', [
      { variant: 'thumb', type: 'image/webp', bytes: whole.subarray(0, whole.length / 2) },
      { variant: 'full', type: 'image/webp', bytes: whole },
    ])
    await judge.finish()
    expect(judge.judged).toBe(3)
    expect(told).toContain('full of a: GPS:GPSLatitude')
    expect(told.some((line) => line.startsWith('thumb of b: '))).toBe(true)
    expect(told.filter((line) => line.startsWith('full of b'))).toEqual([])
  },
)

test.runIf(isJudged)('every picture is judged, however many come at once', async () => {
  const told: string[] = []
  const judge = new Judge(await tempFolder(), (wrong) => told.push(wrong), 4)
  const bytes = await scene(64, 48).jpeg().toBuffer()
  const served = ['thumb', 'full'].map((variant) => ({ variant, type: 'image/jpeg', bytes }))
  await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => judge.take(name, served)))
  await judge.finish()
  expect(judge.judged).toBe(10)
  expect(told).toEqual([])
})
