import { Digest } from '@parley/blob-store'
import type { LoadAnswer, LoadRequest } from './load.ts'
import { assertStatus, headOf } from './put-files.ts'
import { sourceDigest, sourceStamp } from './source-bytes.ts'
import type { GetJob } from './subject.ts'
import { inParallel, timed } from './timed.ts'
import { Wire } from './wire.ts'

type GetRequest = Extract<LoadRequest, { kind: 'get' }>

/** Fetches every file, and measures that. */
export async function fetchAll(request: GetRequest): Promise<LoadAnswer> {
  const { address, pid, parallel, jobs, everyByte } = request
  const fetchOne = everyByte ? fetchCompared : fetchStamped
  const open = () => Wire.connect(address)
  const figures = await timed(pid, () =>
    inParallel(jobs, parallel, open, async (job, wire) => {
      await fetchOne(wire, address, job)
    }),
  )
  return { kind: 'done', figures, stored: [] }
}

async function fetchCompared(wire: Wire, address: string, job: GetJob): Promise<void> {
  const digest = new Digest()
  await fetchFile(wire, address, job, (bytes) => digest.update(bytes))
  const wanted = sourceDigest(job.seed, job.sizeBytes)
  if (digest.hex() !== wanted) throw new Error(`void: ${job.path} came as other bytes`)
}

async function fetchStamped(wire: Wire, address: string, job: GetJob): Promise<void> {
  let first = Buffer.alloc(0)
  const stamp = sourceStamp(job.seed)
  await fetchFile(wire, address, job, (bytes) => {
    if (first.length < stamp.length) {
      first = Buffer.concat([first, bytes.subarray(0, stamp.length - first.length)])
    }
  })
  if (!first.equals(stamp)) throw new Error(`void: ${job.path} is another file`)
}

async function fetchFile(
  wire: Wire,
  address: string,
  job: GetJob,
  onBytes: (bytes: Buffer) => void,
): Promise<void> {
  const answer = await wire.exchange({
    head: headOf('GET', job.path, address, job.headers),
    onBytes,
  })
  assertStatus(answer, 200)
  if (answer.bodyBytes === job.sizeBytes) return
  throw new Error(`void: ${answer.bodyBytes} of ${job.sizeBytes} bytes came`)
}
