import { seededRandom } from '@parley/testkit'
import sharp from 'sharp'
import { History } from '../../harness/history.ts'
import { LoopDisk } from '../disk/loop-disk.ts'
import { openStage } from '../disk/stage.ts'
import { attachAll, breachesOfImage } from '../uploads/check-upload.ts'
import type { Attached } from '../uploads/check-upload.ts'
import { Uploader } from '../uploads/uploader.ts'
import type { CompletedUpload } from '../uploads/uploader.ts'
import { Watch } from './moments.ts'
import type { Moment } from './moments.ts'
import { cutPower, restorePower } from './power.ts'
import type { Powered } from './power.ts'

/** How the power is cut. */
export interface ImagePowerCutRequest {
  readonly seed: number
  readonly cuts: number
}

/** What came of it. */
export interface ImagePowerCutReport {
  /** Images that were answered as complete. */
  readonly images: number
  readonly breaches: readonly string[]
}

const momentLimitMs = 4_000

/**
 * Cuts the power of a relay and of an image server while images are uploaded, mostly in the instant
 * in which one is answered as complete: each such image must be there afterwards, in all sizes.
 */
export async function runImagePowerCuts(
  request: ImagePowerCutRequest,
): Promise<ImagePowerCutReport> {
  const disk = await LoopDisk.make()
  try {
    const stage = await openStage(disk.folder, {}, ['relay', 'img-server'])
    try {
      return await runOnStage({ ...stage, disk, mariadb: undefined }, request)
    } finally {
      await stage.close()
    }
  } finally {
    await disk.remove()
  }
}

async function runOnStage(
  stage: Powered,
  { seed, cuts }: ImagePowerCutRequest,
): Promise<ImagePowerCutReport> {
  const random = seededRandom(seed)
  const { people, group } = stage
  const history = new History()
  const watch = new Watch()
  const completed: CompletedUpload[] = []
  const uploaders = ['red', 'blue'].map((name) =>
    uploaderOf(stage, { name, random, completed, watch }),
  )
  const known: Attached[] = []
  const breaches: string[] = []
  for (let cut = 0; cut < cuts; cut += 1) {
    for (const uploader of uploaders) uploader.start()
    await watch.wait(momentOf(random), momentLimitMs, () => cutPower(stage))
    await Promise.all(uploaders.map((uploader) => uploader.stop()))
    await restorePower(stage)
    const fresh = await attachAll(history, people.dan, group, completed.splice(0))
    known.push(...fresh.attached)
    breaches.push(...fresh.breaches)
    // Those of earlier rounds, too: each has seen this cut.
    for (const one of known) breaches.push(...(await breachesOfImage(people.bob, group, one)))
  }
  for (const uploader of uploaders) breaches.push(...uploader.breaches)
  return { images: known.length, breaches }
}

function momentOf(random: () => number): Moment {
  if (random() < 0.7) return { kind: 'uploaded' }
  return { kind: 'later', ms: 50 + Math.floor(random() * 600) }
}

interface Uploading {
  readonly name: string
  readonly random: () => number
  readonly completed: CompletedUpload[]
  readonly watch: Watch
}

function uploaderOf(
  { people, images }: Powered,
  { name, random, completed, watch }: Uploading,
): Uploader {
  return new Uploader({
    person: people.dan,
    base: () => images,
    name,
    random,
    make: picture,
    maxBytes: Infinity,
    completed: (upload) => {
      completed.push(upload)
      watch.uploaded()
    },
  })
}

/** A picture like no other, of some hundred kilobytes. */
function picture(): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 50 } as const
  const create = { width: 600, height: 400, channels: 3, noise, background: '#000' } as const
  return sharp({ create }).jpeg({ quality: 90 }).toBuffer()
}
