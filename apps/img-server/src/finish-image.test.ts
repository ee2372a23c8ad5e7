import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DiskBlobStore } from '@parley/blob-store'
import { AppError } from '@parley/errors'
import { systemScheduler } from '@parley/service-kit'
import { recordingLogger, tempFolder } from '@parley/testkit'
import { defaultUploadLimits, openUploads } from '@parley/uploads'
import sharp from 'sharp'
import { describe, expect, onTestFinished, test } from 'vitest'
import { imageLimits } from './domain/image-limits.ts'
import { variantNames } from './domain/variant.ts'
import { imageEvents } from './events.ts'
import { imageFinisher } from './finish-image.ts'
import { workerOptions } from './pool/worker-options.ts'
import { WorkerPool } from './pool/worker-pool.ts'
import type { PoolJob } from './pool/worker-pool.ts'
import { Metrics } from '@parley/service-kit'
import { photograph, scene } from './testing/pictures.ts'
import { blackPng } from './testing/png.ts'
import type { WorkerAnswer } from './pool/worker-process.ts'

const owner = '01890000-0000-7000-8000-000000000001'

function realPool() {
  const events = { workerEnded: () => undefined, workersUnlimited: () => undefined }
  const pool = new WorkerPool({ ...workerOptions, workers: 1 }, systemScheduler, events)
  onTestFinished(() => pool.close())
  return pool
}

async function setup(
  pool: { run(job: PoolJob, user: string): Promise<WorkerAnswer> } = realPool(),
) {
  const folder = await tempFolder()
  const workFolder = join(folder, 'work')
  await mkdir(workFolder)
  const blobs = await DiskBlobStore.open(join(folder, 'blobs'))
  const { log } = recordingLogger()
  const metrics = new Metrics()
  const events = imageEvents(log, metrics)
  const finish = imageFinisher({ pool, workFolder, limits: imageLimits, events })
  const limits = { ...defaultUploadLimits, minFreeBytes: 0 }
  const scheduler = systemScheduler
  const store = await openUploads({ folder, blobs, limits, finish, scheduler, log })
  onTestFinished(() => store.close())
  const send = async (bytes: Buffer) => {
    const upload = await store.uploads.create(owner, { sizeBytes: bytes.length })
    return {
      id: upload.id,
      done: store.uploads.append(upload.id, owner, 0, { chunks: once(bytes) }),
    }
  }
  const litter = async () => [
    ...(await readdir(workFolder)),
    ...(await readdir(join(folder, 'parts'))),
  ]
  return { store, blobs, send, litter, metrics, folder }
}

async function* once(bytes: Buffer) {
  yield bytes
}

describe('finishing an image', () => {
  test('stores three variants and the facts, and keeps nothing of the original', async () => {
    const { send, blobs, litter, store } = await setup()
    const upload = await photograph(1600, 1200)
    const { file } = await (await send(upload)).done
    expect(file?.facts).toMatchObject({ widthPx: 1200, heightPx: 1600 })
    expect(file?.variants.map(({ variant }) => variant).toSorted()).toEqual([
      'full',
      'preview',
      'thumb',
    ])
    const stored = []
    for await (const { digest } of blobs.list()) stored.push(digest)
    expect(stored.toSorted()).toEqual(file?.variants.map(({ digest }) => digest).toSorted())
    expect(await litter()).toEqual([])
    expect(store.uploads.usage()).toMatchObject({ files: 1, unfinishedUploads: 0 })
  })

  test.each([
    ['zero bytes', async () => Buffer.alloc(0), 'unprocessable', 'IMAGE_EMPTY'],
    ['SVG', async () => Buffer.from('<svg/>'), 'unsupported', 'IMAGE_FORMAT_UNSUPPORTED'],
    ['text', async () => Buffer.from('hello'), 'unsupported', 'IMAGE_FORMAT_UNSUPPORTED'],
    [
      '50 megapixels',
      async () => blackPng(10_000, 5_000),
      'unprocessable',
      'IMAGE_TOO_MANY_PIXELS',
    ],
    ['a cut JPEG', () => cutJpeg(), 'unprocessable', 'IMAGE_BROKEN'],
  ])('refuses %s for good and forgets the upload', async (_note, bytes, kind, reason) => {
    const { send, store, litter, metrics } = await setup()
    const { id, done } = await send(await bytes())
    await expect(done).rejects.toMatchObject({ kind, reason })
    expect(() => store.uploads.find(id, owner)).toThrow('not found')
    expect(await litter()).toEqual([])
    expect(metrics.snapshot()).toMatchObject({ images_refused: 1, images_made: 0 })
  })

  test('a refusal names what is accepted and what came', async () => {
    const { send } = await setup()
    const { done } = await send(Buffer.from('<svg/>'))
    const words = 'accepted are JPEG, PNG, WebP, GIF and AVIF; this is SVG'
    await expect(done).rejects.toThrow(words)
  })

  test('an image that nobody could process for now waits, and is made at the next look', async () => {
    const pool = realPool()
    let away = true
    const busy = new AppError('unavailable', 'IMAGE_QUEUE_FULL', 'away')
    const { send, store, metrics } = await setup({
      run: (job, user) => (away ? Promise.reject(busy) : pool.run(job, user)),
    })
    const { id, done } = await send(await scene(400, 300).png().toBuffer())
    await expect(done).rejects.toThrow('away')
    expect(metrics.snapshot()).toMatchObject({ images_refused: 0 })
    expect(store.uploads.find(id, owner)).toMatchObject({ finished: false })
    away = false
    expect(await store.uploads.result(id, owner)).toMatchObject({ facts: { widthPx: 400 } })
  })

  test('a full disk in a worker is no fault of the image', async () => {
    const { send, store } = await setup({
      run: async () => ({ kind: 'failed', id: 1, code: 'ENOSPC' }),
    })
    const { id, done } = await send(await scene(40, 30).png().toBuffer())
    await expect(done).rejects.toMatchObject({ kind: 'exhausted', reason: 'DISK_FULL' })
    expect(store.uploads.find(id, owner)).toMatchObject({ finished: false })
  })
})

describe('a worker that an image has taken over', () => {
  const picture = { type: 'image/png', width: 1, height: 1 } as const
  const written = variantNames.map((variant) => ({ variant, ...picture }))
  const claimed = { kind: 'done', id: 1, written, thumbhash: 'aGFzaA', frames: 1 } as const

  test.each([
    ['a link to another file', (path: string, secret: string) => symlink(secret, path)],
    ['a page', (path: string) => writeFile(path, '<html><script>alert(1)</script>')],
    ['a folder', (path: string) => mkdir(path)],
  ])('cannot have %s served', async (_note, leave) => {
    const secret = join(await tempFolder(), 'secret')
    await writeFile(secret, await scene(9, 9).png().toBuffer())
    const { send, blobs, folder } = await setup({
      run: async (job) => {
        for (const name of variantNames) await leave(join(job.folder, name), secret)
        return claimed
      },
    })
    const { done } = await send(await scene(40, 30).png().toBuffer())
    await expect(done).rejects.toMatchObject({ reason: 'IMAGE_BROKEN' })
    for await (const blob of blobs.list()) expect.unreachable(`${blob.digest} in ${folder}`)
  })

  test.each([
    ['leaves one variant out', written.slice(1)],
    ['says one twice', [...written.slice(1), ...written.slice(1, 2)]],
  ])('is not believed when it %s', async (_note, said) => {
    const picture = await scene(9, 9).png().toBuffer()
    const { send, blobs } = await setup({
      run: async (job) => {
        for (const name of variantNames) await writeFile(join(job.folder, name), picture)
        return { ...claimed, written: said }
      },
    })
    const { done } = await send(picture)
    await expect(done).rejects.toMatchObject({ reason: 'IMAGE_BROKEN' })
    for await (const blob of blobs.list()) expect.unreachable(blob.digest)
  })
})

async function cutJpeg(): Promise<Buffer> {
  const whole = await scene(800, 600).jpeg().toBuffer()
  expect(await sharp(whole).metadata()).toMatchObject({ width: 800 })
  return whole.subarray(0, whole.length / 2)
}
