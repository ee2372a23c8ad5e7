import { request as httpRequest } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { eventually } from '@parley/testkit'
import { Tus } from '../../harness/tus.ts'
import type { TusAnswer } from '../../harness/tus.ts'

/** One upload that is going to be interrupted. */
export interface InterruptedRequest {
  readonly name: string
  readonly bytes: Buffer
  /** Root of the file server. */
  readonly base: string
  readonly token: () => string
  /** At which bytes the connection is cut, lowest first. */
  readonly cutsAt: readonly number[]
}

/** What became of it. */
export interface InterruptedUpload {
  readonly location: string
  readonly fileId: string
  readonly receipt: string
  readonly interruptions: number
  /** The most bytes that one interruption cost. */
  readonly mostResentBytes: number
  readonly breaches: readonly string[]
}

const chunkBytes = 64 * 1024
/** The most bytes of one request: what lies in the buffers of the network is lost with it. */
const pieceBytes = 8 << 20
const backLimitMs = 30_000

/** Uploads through cuts of the connection and through whatever happens to the server meanwhile. */
export async function uploadInterrupted(request: InterruptedRequest): Promise<InterruptedUpload> {
  const { name, bytes } = request
  const created = await untilReady((tus) => tus.create(bytes.length, name), request)
  const location = new URL(created.headers.get('location') ?? '', request.base).pathname
  const cuts = [...request.cutsAt]
  const breaches: string[] = []
  let [offset, sent, interruptions, mostResentBytes] = [0, 0, 0, 0]
  for (;;) {
    const cutAt = cuts[0] !== undefined && cuts[0] > offset ? cuts[0] : bytes.length
    const { sent: lastSent, answer } = await sendUntil(request, location, offset, cutAt)
    const isInterrupted = answer === undefined
    sent = Math.max(sent, lastSent)
    if (isInterrupted) interruptions += 1
    if (isInterrupted && lastSent === cutAt) cuts.shift()
    const stands = await untilReady((tus) => tus.request('HEAD', location), request)
    const reached = Number(stands.headers.get('upload-offset'))
    if (stands.status !== 200 || reached < offset || reached > sent) {
      breaches.push(`${name}: ${stands.status}, at ${reached} after ${offset}, ${sent} were sent`)
    }
    // What is answered with a refusal was not taken, and cost the bytes until the refusal came.
    if (isInterrupted) mostResentBytes = Math.max(mostResentBytes, lastSent - reached)
    offset = reached
    const fileId = stands.headers.get('parley-file-id') ?? ''
    const receipt = stands.headers.get('parley-receipt') ?? ''
    const isOver = offset === bytes.length || breaches.length > 0
    if (isOver) return { location, fileId, receipt, interruptions, mostResentBytes, breaches }
  }
}

/** Asks again while the server is away or not ready. */
function untilReady(
  step: (tus: Tus) => Promise<TusAnswer>,
  { base, token }: InterruptedRequest,
): Promise<TusAnswer> {
  const ask = async () => {
    const answer = await step(new Tus(base, token()))
    if (answer.status === 503 || answer.reason === 'UPLOAD_BUSY') throw new Error('not ready')
    return answer
  }
  return eventually(ask, { timeoutMs: backLimitMs, everyMs: 25 })
}

interface Sent {
  /** How far bytes were given to the network. */
  readonly sent: number
  /** Nothing when the connection ended before it. */
  readonly answer: number | undefined
}

async function sendUntil(
  { base, bytes, token }: InterruptedRequest,
  location: string,
  offset: number,
  cutAt: number,
): Promise<Sent> {
  const end = Math.min(bytes.length, offset + pieceBytes)
  const until = Math.min(end, cutAt)
  const call = httpRequest(new URL(location, base), {
    method: 'PATCH',
    agent: false,
    headers: {
      Authorization: `Bearer ${token()}`,
      'Tus-Resumable': '1.0.0',
      'Upload-Offset': offset,
      'Content-Type': 'application/offset+octet-stream',
      'Content-Length': end - offset,
    },
  })
  const over = endOf(call)
  let sent = offset
  let isOver = false
  void over.then(() => {
    isOver = true
  })
  while (sent < until && !isOver) {
    const chunk = bytes.subarray(sent, Math.min(sent + chunkBytes, until))
    sent += chunk.length
    if (!call.write(chunk)) await drained(call)
  }
  if (sent < end) call.destroy()
  else call.end()
  return { sent, answer: await over }
}

/** Resolves with the status, or with nothing when the connection breaks. */
function endOf(call: ClientRequest): Promise<number | undefined> {
  return new Promise((resolve) => {
    call.once('error', () => resolve(undefined))
    call.once('close', () => resolve(undefined))
    call.once('response', (response: IncomingMessage) => {
      resolve(response.statusCode)
      response.resume()
    })
  })
}

function drained(call: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of ['drain', 'close', 'response']) call.off(event, done)
      resolve()
    }
    for (const event of ['drain', 'close', 'response']) call.once(event, done)
  })
}
