import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MemoryBlobStore, digestBytes } from '@parley/blob-store'
import { tempFolder } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { imageLimits } from '../domain/image-limits.ts'
import type { PoolJob, WorkerPool } from '../pool/worker-pool.ts'
import type { WorkerAnswer } from '../pool/worker-process.ts'
import { scene } from '../testing/pictures.ts'
import { Representations } from './representations.ts'
import type { Representation } from './representations.ts'

const reader = '01890000-0000-7000-8000-00000000000b'

async function setup(changes: { maxMaking?: number; answer?: WorkerAnswer } = {}) {
  const folder = await tempFolder()
  const workFolder = join(folder, 'work')
  await mkdir(workFolder)
  const picture = await scene(40, 30).jpeg().toBuffer()
  const bytesOf = (name: string) => Buffer.concat([picture, Buffer.from(name)])
  const blobs = new MemoryBlobStore()
  const put = async (name: string): Promise<Representation> => {
    const path = join(folder, name)
    await writeFile(path, bytesOf(name))
    const digest = digestBytes(bytesOf(name))
    await blobs.put(path, digest)
    return {
      imageId: name,
      source: { digest, type: 'image/png' },
      variant: 'full',
      type: 'image/jpeg',
    }
  }
  const jobs: PoolJob[] = []
  const gates: (() => void)[] = []
  const run: WorkerPool['run'] = async (job, _user, prepare) => {
    const number = jobs.push(job)
    await new Promise<void>((resolve) => gates.push(resolve))
    // Whoever waits for a turn takes no room.
    expect(existsSync(job.input)).toBe(false)
    await prepare?.()
    expect(existsSync(job.input)).toBe(true)
    if (changes.answer) return changes.answer
    await writeFile(join(job.folder, 'full'), bytesOf(`made ${number}`))
    const written = [{ variant: 'full', type: 'image/jpeg', width: 1, height: 1 } as const]
    return { kind: 'done', id: 1, written, frames: 1 }
  }
  const cache = new MemoryBlobStore()
  const { maxMaking = 9 } = changes
  const bounds = { maxBytes: 1e6, maxCount: 9, maxMaking, maxFailures: 9, failureLifeMs: 1_000 }
  const limits = { ...imageLimits, ...bounds }
  let nowMs = 0
  const scheduler = { monotonic: () => nowMs }
  const events = { representationMade: () => undefined }
  const parts = { pool: { run }, cache, workFolder, limits, scheduler, events }
  const representations = new Representations(parts)
  const open = (wanted: Representation) => representations.open(wanted, blobs, reader)
  const go = async (count: number) => {
    while (gates.length < count) await new Promise(setImmediate)
    for (const gate of gates.splice(0)) gate()
  }
  return { representations, cache, put, open, go, jobs, pass: (ms: number) => (nowMs += ms) }
}

describe('another type of a variant', () => {
  test('is made once for all who ask at once, and kept for who asks later', async () => {
    const { put, open, go, jobs } = await setup()
    const wanted = await put('one')
    const asked = [open(wanted), open(wanted), open(wanted)]
    await go(1)
    const digests = (await Promise.all(asked)).map(({ digest }) => digest)
    expect(new Set([...digests, (await open(wanted)).digest]).size).toBe(1)
    expect(jobs).toMatchObject([
      { format: 'png', wanted: [{ variant: 'full', type: 'image/jpeg' }] },
    ])
  })

  test('is made again when its bytes are lost', async () => {
    const { put, open, go, jobs, cache } = await setup()
    const wanted = await put('one')
    const first = open(wanted)
    await go(1)
    await cache.delete((await first).digest)
    const second = open(wanted)
    await go(1)
    expect((await second).blob.sizeBytes).toBeGreaterThan(0)
    expect(jobs).toHaveLength(2)
  })

  test('is refused for now when too many are being made, but for who asks for one of those', async () => {
    const { put, open, go } = await setup({ maxMaking: 1 })
    const [one, two] = [await put('one'), await put('two')]
    const going = open(one)
    const late = { reason: 'IMAGE_QUEUE_FULL', retryAfterMs: 5_000 }
    await expect(open(two)).rejects.toMatchObject(late)
    const same = open(one)
    await go(1)
    expect((await same).digest).toBe((await going).digest)
    const next = open(two)
    await go(1)
    await expect(next).resolves.toMatchObject({ digest: expect.any(String) })
  })

  test('is forgotten when the image it was made of is gone', async () => {
    const { put, open, go, representations, cache } = await setup()
    const [one, two] = [await put('one'), await put('two')]
    const both = [open(one), open(two)]
    await go(2)
    const [made, kept] = await Promise.all(both)
    await representations.sweep(async (imageId) => imageId === two.imageId)
    expect(await cache.stat(made?.digest ?? '')).toBeUndefined()
    expect(await cache.stat(kept?.digest ?? '')).toBeDefined()
  })

  test('that a worker cannot write fails, and can be tried again', async () => {
    const { put, open, go, jobs } = await setup({
      answer: { kind: 'failed', id: 1, code: 'ENOSPC' },
    })
    const wanted = await put('one')
    for (const tries of [1, 2]) {
      const opened = open(wanted)
      opened.catch(() => undefined)
      await go(1)
      await expect(opened).rejects.toMatchObject({
        kind: 'unavailable',
        reason: 'IMAGE_WORKERS_AWAY',
      })
      expect(jobs).toHaveLength(tries)
    }
  })

  test('that cannot be made of its image is not tried again for a while', async () => {
    const answer = { kind: 'refused', id: 1, reason: 'IMAGE_BROKEN', message: 'no' } as const
    const { put, open, go, jobs, pass } = await setup({ answer })
    const wanted = await put('one')
    const broken = { kind: 'corrupt', reason: 'IMAGE_BROKEN' }
    for (const tries of [1, 2]) {
      const opened = open(wanted)
      opened.catch(() => undefined)
      await go(1)
      await expect(opened).rejects.toMatchObject(broken)
      pass(999)
      await expect(open(wanted)).rejects.toMatchObject(broken)
      expect(jobs).toHaveLength(tries)
      pass(1)
    }
  })
})
