import { setTimeout as sleep } from 'node:timers/promises'
import type { LoadAnswer, LoadRequest } from './load.ts'
import { assertStatus, beginUpload, offsetOf, patchHead } from './put-files.ts'
import { sourceBytes } from './source-bytes.ts'
import type { PutAnswer, PutJob } from './subject.ts'
import { timed } from './timed.ts'
import { Wire } from './wire.ts'

type ResumeRequest = Extract<LoadRequest, { kind: 'resume' }>

const retryMs = 5
const giveUpMs = 30_000

/** Uploads every file with all its interruptions, and measures that. */
export async function resumeAll(request: ResumeRequest): Promise<LoadAnswer> {
  const { address, pid, jobs, cutsAtBytes } = request
  const resentBytes: number[] = []
  const backMs: number[] = []
  const stored: PutAnswer[] = []
  for (const _piece of sourceBytes('warm', 1)) continue
  const figures = await timed(pid, async () => {
    for (const job of jobs) {
      const upload = new CutUpload(address, job)
      await upload.begin()
      for (const cutAtBytes of cutsAtBytes) {
        await upload.sendUntil(cutAtBytes)
        const back = await upload.comeBack()
        resentBytes.push(back.resentBytes)
        backMs.push(back.ms)
      }
      stored.push(await upload.finish())
    }
  })
  return { kind: 'resumed', figures, stored, resentBytes, backMs }
}

/** One upload whose connection is cut again and again. */
class CutUpload {
  readonly #address: string
  readonly #job: PutJob
  #path = ''
  #offsetBytes = 0
  #sentBytes = 0

  constructor(address: string, job: PutJob) {
    this.#address = address
    this.#job = job
  }

  async begin(): Promise<void> {
    const wire = await Wire.connect(this.#address)
    this.#path = await beginUpload(wire, this.#address, this.#job)
    wire.cut()
  }

  /** Sends on from where the server is, and hangs up in the middle of the request. */
  async sendUntil(cutAtBytes: number): Promise<void> {
    const endMs = performance.now() + giveUpMs
    while (cutAtBytes > this.#offsetBytes) {
      const wire = await Wire.connect(this.#address)
      const head = patchHead(this.#address, this.#path, this.#job, this.#offsetBytes)
      const body = sourceBytes(this.#job.seed, cutAtBytes, this.#offsetBytes)
      const early = await wire.begin({ head, body }, retryMs)
      wire.cut()
      this.#sentBytes = cutAtBytes
      if (early.status === 0) return
      // The server may still be busy with what came before the last cut.
      if (performance.now() > endMs) assertStatus(early, 204)
      await this.comeBack()
    }
  }

  /** Asks where to go on. */
  async comeBack() {
    const startMs = performance.now()
    const wire = await Wire.connect(this.#address)
    const { status, offsetBytes } = await offsetOf(wire, this.#address, this.#path, this.#job)
    if (status !== 200) throw new Error(`void: asked where to go on, it says ${status}`)
    wire.cut()
    this.#offsetBytes = offsetBytes
    const resentBytes = Math.max(0, this.#sentBytes - offsetBytes)
    return { resentBytes, ms: performance.now() - startMs }
  }

  /** Sends all that is left. */
  async finish(): Promise<PutAnswer> {
    const { seed, sizeBytes } = this.#job
    const endMs = performance.now() + giveUpMs
    for (;;) {
      const wire = await Wire.connect(this.#address)
      const head = patchHead(this.#address, this.#path, this.#job, this.#offsetBytes)
      const body = sourceBytes(seed, sizeBytes, this.#offsetBytes)
      const answer = await wire.exchange({ head, body })
      wire.cut()
      if (answer.status === 204) return { seed, headers: answer.headers, path: this.#path }
      // The server may still be busy with what came before the last cut.
      if (performance.now() > endMs) assertStatus(answer, 204)
      await sleep(retryMs)
      await this.comeBack()
    }
  }
}
