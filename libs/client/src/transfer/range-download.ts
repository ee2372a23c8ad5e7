import { AppError, isAppError } from '@parley/errors'
import type { DownloadOptions, Variant } from '../api.ts'
import { askHttp, header, httpError } from './http.ts'
import type { HttpAnswer } from './http.ts'
import type { PartFile } from './part-file.ts'
import type { FetchContext, Source } from './source.ts'
import { assertPrivate } from './transfer-context.ts'
import type { TransferWatch } from './transfer-watch.ts'

/** Where bytes are written from on, and of what they are a part. */
interface Start {
  readonly offset: number
  readonly totalBytes: number
  readonly etag: string
}

/** Fetches what is missing: of others first, then of the server, with a new ticket each time. */
export class RangeDownload {
  readonly #context: FetchContext
  readonly #source: Source
  readonly #options: DownloadOptions
  readonly #part: PartFile
  doneBytes = 0
  resumedFrom = 0
  /** Of these bytes nobody knows more than that they have come, until all are there. */
  directBytes = 0
  #hasBegun = false
  #hasAskedElsewhere = false

  constructor(context: FetchContext, source: Source, options: DownloadOptions, part: PartFile) {
    this.#context = context
    this.#source = source
    this.#options = options
    this.#part = part
  }

  /** Resolves with the digest that all bytes should have once they are here. */
  async run(watch: TransferWatch): Promise<string> {
    return (await this.#fromElsewhere(watch)) ?? this.#fromServer(watch)
  }

  // Once, as far as it goes: the server goes on from there.
  async #fromElsewhere(watch: TransferWatch): Promise<string | undefined> {
    const { elsewhere, digest } = this.#source
    if (this.#hasAskedElsewhere || elsewhere === undefined || digest === undefined) return undefined
    this.#hasAskedElsewhere = true
    const etag = `"${digest}"`
    const known = await this.#known()
    const offset = known.etag === etag ? known.offset : 0
    const bytes = elsewhere.from(offset)
    const start = { offset, totalBytes: elsewhere.sizeBytes, etag }
    if (bytes === undefined || offset >= start.totalBytes) return undefined
    try {
      await this.#write(atMost(bytes, start.totalBytes - offset), start, watch)
      return digest
    } catch (error) {
      if (isAppError(error) && error.reason === 'BROKEN_OFF') return undefined
      throw error
    } finally {
      this.directBytes = this.doneBytes - offset
    }
  }

  async #fromServer(watch: TransferWatch): Promise<string> {
    const { offset, etag } = await this.#known()
    const answer = await this.#ask(offset, etag)
    if (answer.status === 416) return this.#beyondTheEnd(answer, offset, etag)
    if (answer.status !== 200 && answer.status !== 206) throw refused(await httpError(answer))
    return this.#receive(answer, offset, watch)
  }

  /** What earlier attempts have left. */
  async #known(): Promise<{ readonly offset: number; readonly etag: string }> {
    const record = this.#context.state.transfer(this.#part.partPath)
    return { offset: record ? await this.#part.size() : 0, etag: record?.etag ?? '' }
  }

  async #ask(offset: number, etag: string): Promise<HttpAnswer> {
    const { signal } = this.#options
    const { ticket, url } = await this.#source.ticket(signal ? { signal } : {})
    const range: Record<string, string> =
      offset > 0 ? { Range: `bytes=${offset}-`, 'If-Range': etag } : {}
    const headers = { ...range, Authorization: `Bearer ${ticket}` }
    const from = variantUrl(url, this.#options.variant)
    assertPrivate(from, this.#context)
    return askHttp({ method: 'GET', url: from, headers, signal })
  }

  async #receive(answer: HttpAnswer, asked: number, watch: TransferWatch): Promise<string> {
    const offset = answer.status === 206 ? asked : 0
    this.directBytes = Math.min(this.directBytes, offset)
    const totalBytes = offset + Number(header(answer, 'content-length') || 0)
    assertSize(totalBytes, this.#source, answer)
    const etag = header(answer, 'etag')
    await this.#write(answer.body, { offset, totalBytes, etag }, watch)
    return digestIn(etag)
  }

  async #write(body: AsyncIterable<Uint8Array>, start: Start, watch: TransferWatch): Promise<void> {
    const { offset, totalBytes, etag } = start
    const { state, scheduler } = this.#context
    const { signal } = this.#options
    const { partPath } = this.#part
    const isBegun = state.transfer(partPath) !== undefined
    this.#begin(offset)
    state.saveTransfer(partPath, { url: '', etag }, scheduler.now())
    watch.moved(offset, totalBytes)
    const moved = (count: number) => {
      this.doneBytes += count
      watch.moved(this.doneBytes, totalBytes)
      signal?.throwIfAborted()
    }
    try {
      await this.#part.write(body, offset, isBegun, moved)
    } catch (cause) {
      // What is there is not ours: the next attempt must not take it for begun.
      if (isTaken(cause)) state.dropTransfer(partPath)
      throw brokenOff(cause, signal)
    }
    if (this.doneBytes < totalBytes) throw brokenOff(undefined, signal)
  }

  #begin(offset: number): void {
    if (!this.#hasBegun) this.resumedFrom = offset
    this.#hasBegun = true
    this.doneBytes = offset
  }

  // Every byte is here already: a crash came between the last byte and the name.
  async #beyondTheEnd(answer: HttpAnswer, offset: number, etag: string): Promise<string> {
    answer.body.resume()
    const size = Number(/\/(\d+)$/.exec(header(answer, 'content-range'))?.[1] ?? Number.NaN)
    if (size !== offset) {
      await this.#part.discard()
      this.#context.state.dropTransfer(this.#part.partPath)
      throw new AppError('unavailable', 'PART_STALE', 'what was downloaded before is of no use')
    }
    this.#begin(offset)
    return digestIn(etag)
  }
}

// What gives more than there is gives something else, and would fill the disk.
async function* atMost(pieces: AsyncIterable<Uint8Array>, maxBytes: number) {
  let leftBytes = maxBytes
  for await (const piece of pieces) {
    leftBytes -= piece.length
    if (leftBytes < 0) throw new Error('more bytes come than there are')
    yield piece
  }
}

// Before a byte of it is written: what is too long would fill the disk.
function assertSize(totalBytes: number, { sizeBytes }: Source, answer: HttpAnswer): void {
  if (sizeBytes === undefined || totalBytes === sizeBytes) return
  answer.body.destroy()
  const message = `the server has ${totalBytes} bytes instead of ${sizeBytes}; nothing was fetched`
  throw new AppError('corrupt', 'SIZE_MISMATCH', message)
}

function variantUrl(text: string, variant: Variant = 'full'): URL {
  const url = new URL(text)
  if (!/^\/images\/[^/]+$/.test(url.pathname)) return url
  return new URL(`${url.pathname}/${variant}`, url)
}

function digestIn(etag: string): string {
  return /^"([0-9a-f]{64})"$/.exec(etag)?.[1] ?? ''
}

// A server that has lost the bytes, or cannot read them, says only that it failed.
function refused(error: AppError): AppError {
  if (error.kind !== 'internal') return error
  const message =
    'the server knows this file or image but cannot give it: its bytes may be lost there'
  return new AppError('corrupt', 'BYTES_UNAVAILABLE', message, { cause: error })
}

function isTaken(error: unknown): boolean {
  return isAppError(error) && error.reason === 'FILE_EXISTS'
}

function brokenOff(cause: unknown, signal: AbortSignal | undefined): AppError {
  if (signal?.aborted) return new AppError('cancelled', 'CANCELLED', 'the transfer was cancelled')
  if (isAppError(cause) && (cause.reason === 'CANNOT_WRITE' || isTaken(cause))) return cause
  return new AppError('unavailable', 'BROKEN_OFF', 'the download was broken off', { cause })
}
