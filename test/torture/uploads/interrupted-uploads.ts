import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { eventually, seededRandom } from '@parley/testkit'
import { History } from '../../harness/history.ts'
import { openStage } from '../disk/stage.ts'
import type { Stage } from '../disk/stage.ts'
import { attachAll, breachOfAttachment } from './check-upload.ts'
import type { CompletedUpload } from './uploader.ts'
import { uploadInterrupted } from './interrupted-upload.ts'

/** How many uploads are interrupted. */
export interface InterruptedUploadsRequest {
  readonly seed: number
  readonly uploads: number
  /** After so many uploads the file server is killed; it is started again at once. */
  readonly uploadsPerKill?: number
  readonly tell?: (line: string) => void
}

/** What became of them. */
export interface InterruptedUploadsReport {
  /** Uploads that were interrupted and went through in the end. */
  readonly interrupted: number
  readonly interruptions: number
  readonly kills: number
  readonly mostResentBytes: number
  readonly breaches: readonly string[]
}

const mebibyte = 1 << 20
const lanes = 6
/** No interruption may cost more. */
const maxResentBytes = 8 * mebibyte
const defaultUploadsPerKill = 25

/**
 * Uploads files over connections that are cut at random bytes, to a file server that is killed now
 * and then: each resumes where the server says, arrives byte for byte, and its receipt is good.
 */
export async function runInterruptedUploads(
  request: InterruptedUploadsRequest,
): Promise<InterruptedUploadsReport> {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-uploads-'))
  try {
    const stage = await openStage(folder)
    try {
      return await new Interruptions(stage, request).run()
    } finally {
      await stage.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

class Interruptions {
  readonly #stage: Stage
  readonly #request: InterruptedUploadsRequest
  readonly #random: () => number
  readonly #history = new History()
  readonly #breaches: string[] = []
  readonly #completed: CompletedUpload[] = []
  #begun = 0
  #interrupted = 0
  #interruptions = 0
  #kills = 0
  #mostResentBytes = 0

  constructor(stage: Stage, request: InterruptedUploadsRequest) {
    this.#stage = stage
    this.#request = request
    this.#random = seededRandom(request.seed)
  }

  async run(): Promise<InterruptedUploadsReport> {
    const killer = new AbortController()
    const killing = this.#kill(killer.signal)
    try {
      await Promise.all(Array.from({ length: lanes }, () => this.#lane()))
    } catch (error) {
      this.#breaches.push(String(error))
    } finally {
      killer.abort()
      await killing
    }
    await this.#judge()
    return {
      interrupted: this.#interrupted,
      interruptions: this.#interruptions,
      kills: this.#kills,
      mostResentBytes: this.#mostResentBytes,
      breaches: this.#breaches,
    }
  }

  async #lane(): Promise<void> {
    while (this.#interrupted < this.#request.uploads && this.#breaches.length === 0) {
      this.#begun += 1
      await this.#upload(`file ${this.#begun}`, randomBytes(sizeOf(this.#random)))
    }
  }

  async #upload(name: string, bytes: Buffer): Promise<void> {
    const { people, files: base } = this.#stage
    const token = () => people.dan.login().accessToken
    const cuts = Array.from({ length: 1 + Math.floor(this.#random() * 2) }, this.#random)
    const cutsAt = cuts.map((at) => Math.floor(at * bytes.length)).toSorted((a, b) => a - b)
    const done = await uploadInterrupted({ name, bytes, base, token, cutsAt })
    const { interruptions, mostResentBytes, fileId, receipt, location, breaches } = done
    this.#breaches.push(...breaches)
    if (mostResentBytes > maxResentBytes) {
      this.#breaches.push(`${name}: ${mostResentBytes} bytes had to be sent again`)
    }
    this.#mostResentBytes = Math.max(this.#mostResentBytes, mostResentBytes)
    this.#interruptions += interruptions
    if (interruptions > 0) this.#interrupted += 1
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    this.#completed.push({ name, location, fileId, receipt, sizeBytes: bytes.length, sha256 })
  }

  /** Kills the file server now and then, in whatever it is doing. */
  async #kill(signal: AbortSignal): Promise<void> {
    const every = this.#request.uploadsPerKill ?? defaultUploadsPerKill
    for (let due = every; !signal.aborted; due = this.#begun + every) {
      await eventually(() => this.#begun >= due || signal.aborted, { timeoutMs: 600_000 })
      if (signal.aborted) return
      await this.#stage.cluster.kill('file-server')
      await this.#stage.cluster.start('file-server')
      this.#kills += 1
      this.#request.tell?.(`kill ${this.#kills}: ${this.#interrupted} interrupted`)
    }
  }

  async #judge(): Promise<void> {
    const { people, group } = this.#stage
    const { dan, bob } = people
    const { attached, breaches } = await attachAll(this.#history, dan, group, this.#completed)
    this.#breaches.push(...breaches)
    for (const one of attached) this.#breaches.push(...(await breachOfAttachment(bob, group, one)))
  }
}

/** Size of a file: most are small; some are so large that not all of them may be sent again. */
export function sizeOf(random: () => number): number {
  const dice = random()
  const [least, most] =
    dice < 0.8
      ? [2, 500_000]
      : dice < 0.97
        ? [mebibyte, 4 * mebibyte]
        : [12 * mebibyte, 20 * mebibyte]
  return least + Math.floor(random() * (most - least))
}
