import type { WireAnswer } from './answer-reader.ts'
import type { LoadAnswer, LoadRequest } from './load.ts'
import { sourceBytes } from './source-bytes.ts'
import type { PutAnswer, PutJob } from './subject.ts'
import { inParallel, timed } from './timed.ts'
import { Wire } from './wire.ts'

type PutRequest = Extract<LoadRequest, { kind: 'put' }>

const tusHeaders = { 'Tus-Resumable': '1.0.0' }
const bytesHeaders = { 'Content-Type': 'application/offset+octet-stream' }

/** Puts every file, and measures that. */
export async function putAll({ address, pid, parallel, jobs }: PutRequest): Promise<LoadAnswer> {
  const stored: PutAnswer[] = []
  const open = () => Wire.connect(address)
  // The bytes are made before the clock runs.
  for (const _piece of sourceBytes('warm', 1)) continue
  const figures = await timed(pid, () =>
    inParallel(jobs, parallel, open, async (job, wire) => {
      stored.push(await put(wire, address, job))
    }),
  )
  return { kind: 'done', figures, stored }
}

function put(wire: Wire, address: string, job: PutJob): Promise<PutAnswer> {
  if (job.way === 'put') return putPlainly(wire, address, job)
  return job.way === 'tus' ? putByTus(wire, address, job) : putAtOnce(wire, address, job)
}

async function putPlainly(wire: Wire, address: string, job: PutJob): Promise<PutAnswer> {
  const head = headOf('PUT', job.path, address, job.headers, job.sizeBytes)
  const answer = await wire.exchange({ head, body: sourceBytes(job.seed, job.sizeBytes) })
  assertStatus(answer, 201)
  return { seed: job.seed, headers: answer.headers, path: job.path }
}

async function putAtOnce(wire: Wire, address: string, job: PutJob): Promise<PutAnswer> {
  const headers = { ...job.headers, ...tusHeaders, ...bytesHeaders, ...lengthOf(job) }
  const head = headOf('POST', job.path, address, headers, job.sizeBytes)
  const answer = await wire.exchange({ head, body: sourceBytes(job.seed, job.sizeBytes) })
  assertStatus(answer, 201)
  return { seed: job.seed, headers: answer.headers, path: answer.headers['location'] ?? '' }
}

async function putByTus(wire: Wire, address: string, job: PutJob): Promise<PutAnswer> {
  const path = await beginUpload(wire, address, job)
  const head = patchHead(address, path, job, 0)
  const answer = await wire.exchange({ head, body: sourceBytes(job.seed, job.sizeBytes) })
  assertStatus(answer, 204)
  return { seed: job.seed, headers: answer.headers, path }
}

/** Begins an upload and says where it lives. */
export async function beginUpload(wire: Wire, address: string, job: PutJob): Promise<string> {
  const headers = { ...job.headers, ...tusHeaders, ...lengthOf(job) }
  const answer = await wire.exchange({ head: headOf('POST', job.path, address, headers, 0) })
  assertStatus(answer, 201)
  return answer.headers['location'] ?? ''
}

/** The head of a PATCH with all that is left from `offsetBytes` on. */
export function patchHead(address: string, path: string, job: PutJob, offsetBytes: number): string {
  const offset = { 'Upload-Offset': String(offsetBytes) }
  const headers = { ...job.headers, ...tusHeaders, ...bytesHeaders, ...offset }
  return headOf('PATCH', path, address, headers, job.sizeBytes - offsetBytes)
}

/** Asks how far an upload is on the server. */
export async function offsetOf(wire: Wire, address: string, path: string, job: PutJob) {
  const headers = { ...job.headers, ...tusHeaders }
  const answer = await wire.exchange({
    head: headOf('HEAD', path, address, headers),
    isHead: true,
  })
  return { status: answer.status, offsetBytes: Number(answer.headers['upload-offset'] ?? 0) }
}

/** A request line and headers. */
export function headOf(
  method: string,
  path: string,
  address: string,
  headers: Readonly<Record<string, string>>,
  lengthBytes?: number,
): string {
  const length = lengthBytes === undefined ? {} : { 'Content-Length': String(lengthBytes) }
  const lines = Object.entries({ Host: address, ...headers, ...length })
  return `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
}

/** Throws unless the server answered so. */
export function assertStatus({ status }: WireAnswer, wanted: number): void {
  if (status !== wanted) throw new Error(`void: the answer is ${status} instead of ${wanted}`)
}

function lengthOf({ sizeBytes }: PutJob) {
  return { 'Upload-Length': String(sizeBytes) }
}
