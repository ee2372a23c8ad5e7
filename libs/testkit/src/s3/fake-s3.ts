import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { S3Objects, s3Error } from './s3-objects.ts'
import type { FakeObject, S3Answer, S3Request } from './s3-objects.ts'
import { isSigned } from './signature.ts'

/** What a fake S3 server shall do wrong, and to which requests. */
export interface S3Fault {
  /**
   * A method; of requests that belong to uploads in parts `PUT?parts`, `DELETE?parts`,
   * `POST?parts` (the first) and `POST?complete` (the last).
   */
  readonly on: string
  /** Only requests for keys that start so. */
  readonly keys?: string
  /** How many requests it meets; 1 unless told. */
  readonly times?: number
  /**
   * `refuse` answers the status and code; `cut` breaks the connection after so many bytes of the
   * answer's body; `silence` stops there and sends nothing more; `mute` does nothing and never
   * answers; `lose` does what was asked and breaks the connection instead of saying so; `late` never
   * answers either, or breaks the connection, and does what was asked when `carryOutLate` is called.
   */
  readonly does:
    | { readonly kind: 'refuse'; readonly status: number; readonly code: string }
    | { readonly kind: 'cut' | 'silence'; readonly afterBytes: number }
    | { readonly kind: 'lose' | 'mute' }
    | { readonly kind: 'late'; readonly breaks: boolean }
}

/** A running fake. */
export interface FakeS3 {
  /** An `S3_URL` of its one bucket, on loopback without TLS. */
  readonly url: string
  readonly objects: ReadonlyMap<string, FakeObject>
  /** How many uploads in parts are neither complete nor ended. */
  readonly openUploads: () => number
  /** Each request as `GET key`, in order. */
  readonly requests: string[]
  /** How many bytes of bodies it has sent. */
  readonly sentBytes: () => number
  fail(fault: S3Fault): void
  /** Forgets all faults that have not happened. */
  recover(): void
  /** Does what requests that are `late` asked; answers how many there were. */
  carryOutLate(): number
  /** Drops an object without a word, as a bucket that loses things would. */
  lose(key: string): void
  close(): Promise<void>
}

const keys = { accessKeyId: 'fake-key', secretAccessKey: 'fake-secret/with+signs' }
const bucket = 'parley-test'
const pieceBytes = 64 * 1024

/**
 * A small S3 server of one bucket in memory, which checks signatures, and fails as it is told to.
 * It takes a port of the kernel's choice on loopback unless one is given.
 */
export async function startFakeS3(port = 0): Promise<FakeS3> {
  const store = new S3Objects()
  const faults: { fault: S3Fault; left: number }[] = []
  const requests: string[] = []
  const late: S3Request[] = []
  let sentBytes = 0
  const server = createServer((request, response) => {
    const work = async () => {
      const asked = await read(request)
      requests.push(`${asked.method} ${asked.key}`)
      const fault = takeFault(faults, asked)
      if (fault?.kind === 'mute') return
      if (fault?.kind === 'late') {
        late.push(asked)
        return void (fault.breaks && request.socket.destroy())
      }
      const answer = refusalOf(request, asked, fault) ?? store.answer(asked)
      if (fault?.kind === 'lose') return void request.socket.destroy()
      await send(response, asked, answer, fault, (bytes) => (sentBytes += bytes))
    }
    work().catch(() => request.socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const at = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const secret = encodeURIComponent(keys.secretAccessKey)
  return {
    url: `s3://${keys.accessKeyId}:${secret}@${at}/${bucket}?tls=0`,
    objects: store.objects,
    openUploads: () => store.uploads.size,
    requests,
    sentBytes: () => sentBytes,
    recover: () => void faults.splice(0),
    carryOutLate: () => late.splice(0).map((asked) => store.answer(asked)).length,
    fail: (fault) => void faults.push({ fault, left: fault.times ?? 1 }),
    lose: (key) => void store.objects.delete(key),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function read(request: IncomingMessage): Promise<S3Request> {
  const url = new URL(request.url ?? '/', 'http://fake')
  const [, , ...rest] = url.pathname.split('/')
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  )
  const key = decodeURIComponent(rest.join('/'))
  const { method = '' } = request
  return { method, key, query: url.searchParams, headers, body: await buffer(request) }
}

function takeFault(faults: { fault: S3Fault; left: number }[], { method, query, key }: S3Request) {
  const isLast = method === 'POST' && query.has('uploadId')
  const ofParts = query.has('uploadId') || query.has('uploads') ? '?parts' : ''
  const name = method + (isLast ? '?complete' : ofParts)
  const meets = ({ on, keys: prefix = '' }: S3Fault) => on === name && key.startsWith(prefix)
  const one = faults.find(({ fault, left }) => left > 0 && meets(fault))
  if (!one) return undefined
  one.left -= 1
  return one.fault.does
}

type Does = S3Fault['does']

function refusalOf(request: IncomingMessage, asked: S3Request, fault?: Does): S3Answer | undefined {
  if (fault?.kind === 'refuse') return s3Error(fault.status, fault.code)
  const [, name] = new URL(request.url ?? '/', 'http://fake').pathname.split('/')
  if (name !== bucket) return s3Error(404, 'NoSuchBucket')
  return isSigned(request, asked.body, keys) ? undefined : s3Error(403, 'SignatureDoesNotMatch')
}

async function send(
  response: ServerResponse,
  asked: S3Request,
  answer: S3Answer,
  fault: Does | undefined,
  onSent: (bytes: number) => void,
): Promise<void> {
  const body = Buffer.from(answer.body ?? '')
  response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length })
  if (asked.method === 'HEAD') return void response.end()
  response.flushHeaders()
  const isWhole = fault?.kind !== 'cut' && fault?.kind !== 'silence'
  const bytes = isWhole ? body : body.subarray(0, fault.afterBytes)
  await pipeline(Readable.from(pieces(bytes, onSent)), response, { end: isWhole })
  if (fault?.kind !== 'cut') return
  // An end, not a reset: what was sent arrives first.
  response.socket?.end()
}

// Taken one after the other as the peer takes them.
function* pieces(body: Buffer, onSent: (bytes: number) => void) {
  for (let at = 0; at < body.length; at += pieceBytes) {
    const piece = body.subarray(at, at + pieceBytes)
    onSent(piece.length)
    yield piece
  }
}
