import type { OutgoingHttpHeaders } from 'node:http'
import type { OpenBlob } from '@parley/blob-store'
import { AppError, isAppError } from '@parley/errors'
import { safeHeaders } from './answer.ts'
import { rangeStillMeans, weighConditions } from './conditions.ts'
import { attachment } from './disposition.ts'
import type { Exchange } from './exchange.ts'
import { watchPace } from './pace.ts'
import { pourBlob } from './pour-blob.ts'
import type { BodyPart } from './pour-blob.ts'
import { parseRange } from './ranges.ts'
import type { ByteRange, RangeRequest } from './ranges.ts'
import { sentBytes } from './sent-bytes.ts'

/** Bytes to be sent, and under which description. */
export interface Sendable {
  /** Closed when the answer has been sent. */
  readonly blob: OpenBlob
  /** BLAKE3 of the bytes, hex: the strong entity tag. */
  readonly digest: string
  readonly type: string
  /** The uploader's name for it. */
  readonly name: string | undefined
  /** How caches may keep it; without this they must ask again each time. */
  readonly cacheControl?: string
  /** The request headers that decide what is sent; `Authorization` unless told. */
  readonly vary?: string
  /** Throws when the caller may no longer read; asked again and again while bytes flow. */
  readonly recheck: () => Promise<void>
}

/** Answers GET and HEAD with a blob, whole or in ranges, as an attachment that no browser runs. */
export async function sendBlob(exchange: Exchange, sendable: Sendable): Promise<void> {
  try {
    await answer(exchange, sendable)
  } finally {
    await sendable.blob.close()
  }
}

async function answer(exchange: Exchange, sendable: Sendable): Promise<void> {
  const { request, response } = exchange
  const { sizeBytes } = sendable.blob
  const etag = `"${sendable.digest}"`
  const headers = describe(sendable, etag)
  const condition = weighConditions(request.headers, etag)
  if (condition === 'not-modified') return void response.writeHead(304, headers).end()
  if (condition === 'failed') throw new AppError('precondition', 'ETAG_MISMATCH', 'other bytes')
  const wanted = wantedOf(exchange, etag, sizeBytes)
  if (wanted.kind === 'unsatisfiable') {
    const told = { 'Content-Range': `bytes */${sizeBytes}`, 'Content-Length': 0 }
    return void response.writeHead(416, { ...headers, ...told }).end()
  }
  const plan = planOf(wanted, sendable, sizeBytes)
  response.writeHead(plan.status, { ...headers, ...plan.headers })
  if (request.method === 'HEAD') return void response.end()
  await pour(exchange, sendable, plan.parts)
}

function describe(sendable: Sendable, etag: string): OutgoingHttpHeaders {
  return {
    ...safeHeaders,
    ETag: etag,
    'Accept-Ranges': 'bytes',
    'Content-Disposition': attachment(sendable.name),
    'Cache-Control': sendable.cacheControl ?? 'private, no-cache',
    Vary: sendable.vary ?? 'Authorization',
  }
}

function wantedOf({ request }: Exchange, etag: string, sizeBytes: number): RangeRequest {
  // Ranges are defined for GET alone.
  if (request.method !== 'GET' || !rangeStillMeans(request.headers, etag)) return { kind: 'whole' }
  return parseRange(request.headers.range, sizeBytes)
}

interface Plan {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  readonly parts: readonly BodyPart[]
}

function planOf(wanted: RangeRequest, sendable: Sendable, sizeBytes: number): Plan {
  const { type } = sendable
  const ranges = wanted.kind === 'parts' ? wanted.ranges : []
  const [only] = ranges
  if (!only) {
    const headers = { 'Content-Type': type, 'Content-Length': sizeBytes }
    return { status: 200, headers, parts: [{ start: 0, end: sizeBytes }] }
  }
  if (ranges.length > 1) return multipart(ranges, sendable)
  const headers = {
    'Content-Type': type,
    'Content-Length': only.end - only.start,
    'Content-Range': contentRange(only, sizeBytes),
  }
  return { status: 206, headers, parts: [only] }
}

function multipart(ranges: readonly ByteRange[], { blob, type, digest }: Sendable): Plan {
  // No file can hold its own digest, so none can look like the end of its part.
  const boundary = digest
  const head = (range: ByteRange) =>
    `\r\n--${boundary}\r\nContent-Type: ${type}\r\n` +
    `Content-Range: ${contentRange(range, blob.sizeBytes)}\r\n\r\n`
  const tail = `\r\n--${boundary}--\r\n`
  const lengths = ranges.map((range) => head(range).length + range.end - range.start)
  const parts = ranges.flatMap((range) => [Buffer.from(head(range)), range])
  const headers = {
    'Content-Type': `multipart/byteranges; boundary=${boundary}`,
    'Content-Length': lengths.reduce((sum, length) => sum + length, tail.length),
  }
  return { status: 206, headers, parts: [...parts, Buffer.from(tail)] }
}

function contentRange({ start, end }: ByteRange, sizeBytes: number): string {
  return `bytes ${start}-${end - 1}/${sizeBytes}`
}

async function pour(exchange: Exchange, sendable: Sendable, parts: readonly BodyPart[]) {
  const { response, scheduler, pace, signal, log } = exchange
  const { socket } = response
  const cut = (why: unknown) => {
    log.info({ reason: isAppError(why) ? why.reason : 'INTERNAL' }, 'download cut off')
    response.destroy()
  }
  const watch = watchPace(scheduler, pace, {
    movedBytes: () => (socket ? sentBytes(socket) : 0),
    // A small piece may wait as well, though Node would take more of them.
    waitsForPeer: () => (socket?.writableLength ?? 0) > 0,
    onTooSlow: () => cut(new AppError('deadline', 'TOO_SLOW', 'the bytes were taken too slowly')),
  })
  const recheck = scheduler.every(pace.recheckMs, () => void sendable.recheck().catch(cut))
  const onAbort = () => response.destroy()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    signal.throwIfAborted()
    await pourBlob(response, sendable.blob, parts)
  } catch (error) {
    // A client that goes away in the middle is no failure of ours.
    if (!response.destroyed) throw error
  } finally {
    watch.stop()
    recheck.cancel()
    signal.removeEventListener('abort', onAbort)
  }
}
