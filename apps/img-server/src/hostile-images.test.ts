import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recordingLogger, tempFolder } from '@parley/testkit'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { acceptedFormats } from './domain/image-format.ts'
import { hostileImages, payload } from './testing/hostile-images.ts'
import { hasExiftool, hasPillow, missingJudges, tagsOf, undecodable } from './testing/judges.ts'
import { photograph, scene } from './testing/pictures.ts'
import { startTestServer } from './testing/start-test-server.ts'
import type { TestServer } from './testing/start-test-server.ts'
import { tryImage } from './testing/try-image.ts'

const { log, lines } = recordingLogger()
const marks = [
  payload,
  'Secret',
  'Exif',
  'GPSLatitude',
  'xmpmeta',
  'ICC_PROFILE',
  'eXIf',
  'Photoshop',
]
let folder: string
let server: TestServer
// Of all pictures that were served, for judges that are dear to start.
const served: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
  server = await startTestServer(folder, { log })
})

afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

async function outcomeOf(bytes: Buffer): Promise<string> {
  const tried = await tryImage(server, bytes)
  if (!tried.made) return tried.reason
  for (const { variant, type, bytes: picture } of tried.pictures) {
    const path = join(folder, `${tried.id}-${variant}.${type.slice('image/'.length)}`)
    await writeFile(path, picture)
    served.push(path)
    expect(marks.filter((mark) => picture.includes(mark))).toEqual([])
    // To its last pixel, and as what it is said to be.
    const { info } = await sharp(picture, { failOn: 'error', pages: -1 })
      .png({ compressionLevel: 0 })
      .toBuffer({ resolveWithObject: true })
    expect(info.width).toBeGreaterThan(0)
    expect(`image/${(await sharp(picture).metadata()).format}`).toBe(type)
  }
  return 'made'
}

describe('a hostile image', () => {
  test.each(hostileImages)('that is $name ends as $outcome', async ({ make, outcome }) => {
    expect(await outcomeOf(await make())).toBe(outcome)
  })

  test('has not ended a worker, and the next image is made', async () => {
    expect(await outcomeOf(await scene(200, 100).jpeg().toBuffer())).toBe('made')
    expect(lines.filter(({ msg }) => msg === 'image worker ended before it answered')).toEqual([])
  })

  test.runIf(hasPillow)('leaves pictures that a decoder of others decodes too', async () => {
    expect(await undecodable(served)).toEqual([])
  })

  test.runIf(hasExiftool)('leaves pictures without a tag that exiftool knows', async () => {
    expect(await tagsOf(served)).toEqual([])
  })

  test('is judged by both judges', ({ skip }) => {
    const mayBeMissing = process.env['CI'] !== 'true'
    skip(mayBeMissing && missingJudges.length > 0, `${missingJudges.join(', ')} is not installed`)
    expect(missingJudges).toEqual([])
  })
})

test('an AVIF that takes longer than it may is ended in the middle, and the next image is made', async () => {
  const pool = { workers: 1, cpuLimitMs: 400, watchPeriodMs: 10 }
  const strict = await startTestServer(await tempFolder(), { log: recordingLogger().log, pool })
  onTestFinished(() => strict.close())
  const create = { width: 6000, height: 6000, channels: 3, background: '#369' } as const
  const bomb = await sharp({ create }).avif({ effort: 0 }).toBuffer()
  expect(bomb.length).toBeLessThan(1_000)
  const costly = { made: false, status: 422, reason: 'IMAGE_TOO_COSTLY' }
  expect(await tryImage(strict, bomb)).toEqual(costly)
  const next = await scene(40, 30).avif({ effort: 0 }).toBuffer()
  expect(await tryImage(strict, next)).toMatchObject({ made: true })
})

describe('the judges', () => {
  test.runIf(hasExiftool)('find the tags of an upload', async () => {
    const path = join(await tempFolder(), 'upload.jpg')
    await writeFile(path, await photograph(320, 240))
    const found = (await tagsOf([path])).join()
    for (const tag of ['GPS:GPSLatitude', 'IFD0:Copyright', 'IFD0:Make'])
      expect(found).toContain(tag)
  })

  test.runIf(hasPillow)('find a broken picture', async () => {
    const path = join(await tempFolder(), 'cut.jpg')
    const bytes = await scene(320, 240).jpeg().toBuffer()
    await writeFile(path, bytes.subarray(0, bytes.length / 2))
    expect((await undecodable([path])).join()).toContain('truncated')
  })
})

// Every beginning of a file of every format, and every format with some bytes turned.
test('an image of which any part is missing or wrong is refused or made, and ends no worker', async () => {
  for (const format of acceptedFormats) {
    const whole = await scene(48, 32).toFormat(format, { effort: 1 }).toBuffer()
    for (let turn = 0; turn < 12; turn += 1) {
      const cut = whole.subarray(0, Math.floor((whole.length * (turn + 1)) / 13))
      const turned = Buffer.from(whole)
      for (let at = turn + 2; at < turned.length; at += 97)
        turned[at] = (turned[at] ?? 0) ^ (1 << (turn % 8))
      for (const bytes of [cut, turned]) expect(await outcomeOf(bytes)).toMatch(/^(made|IMAGE_)/)
    }
  }
  expect(lines.filter(({ msg }) => msg === 'image worker ended before it answered')).toEqual([])
}, 60_000)
