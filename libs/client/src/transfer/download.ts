import { resolve } from 'node:path'
import { AppError, isAppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import type { DownloadOptions, Downloaded, EntryPlace, Variant } from '../api.ts'
import type { CallOptions } from '../calls/caller.ts'
import type { Calls } from '../calls/calls.ts'
import { idBytes } from '../ids.ts'
import { MemoryState } from '../state/memory-state.ts'
import { fileDigest } from './file-digest.ts'
import { askHttp, header, httpError } from './http.ts'
import type { HttpAnswer } from './http.ts'
import { PartFile } from './part-file.ts'
import { assertPrivate, persist } from './transfer-context.ts'
import type { TransferContext } from './transfer-context.ts'
import { TransferWatch } from './transfer-watch.ts'

/** What comes from where. */
export interface DownloadRequest {
  readonly place: EntryPlace
  readonly path: string
  readonly calls: Calls
}

/**
 * Downloads an entry's file or image, going on with the `.<name>.part` beside it, and checks
 * every byte; throws `AppError`: (conflict, FILE_EXISTS), (not-found, NO_ATTACHMENT), (corrupt,
 * DIGEST_MISMATCH), or the server's refusal.
 */
export async function download(
  context: TransferContext,
  request: DownloadRequest,
  options: DownloadOptions,
): Promise<Downloaded> {
  const attachment = await attachmentAt(request, options.signal)
  const { calls, path, place } = request
  const asked = { conversationId: idBytes(place.conversationId), seq: place.seq }
  const source: Source = {
    ticket: (call) => calls.attachments.createTicket(asked, call),
    digest: expectedDigest(attachment, options.variant ?? 'full'),
  }
  return fetchSource(context, source, path, options)
}

/** Where the bytes of a download come from. */
export interface Source {
  /** Leave to read the bytes for a while, and where they are. */
  readonly ticket: (call: CallOptions) => Promise<{ readonly ticket: string; readonly url: string }>
  /** BLAKE3 in hex; undefined where nobody but the server that has the bytes says it. */
  readonly digest: string | undefined
  /** Undefined where it is not known; else nothing of another size is fetched. */
  readonly sizeBytes?: number
}

/** What a download uses: it needs no tokens, for each source gives tickets. */
export type FetchContext = Omit<TransferContext, 'tokens'>

/** Downloads what a source gives, as `download` does. */
export async function fetchSource(
  given: FetchContext,
  source: Source,
  path: string,
  options: DownloadOptions,
): Promise<Downloaded> {
  const context = options.once ? { ...given, state: new MemoryState() } : given
  const part = new PartFile(resolve(path))
  const { state } = context
  await part.assertFree(state.transfer(part.partPath) !== undefined)
  const transfer = new RangeDownload(context, source, options, part)
  const digest = await run(context, transfer, options)
  const isSame = await isVerified(part, [source.digest ?? digest, digest])
  await (isSame ? part.finish() : part.discard())
  state.dropTransfer(part.partPath)
  if (!isSame) throw mismatch()
  const { doneBytes, resumedFrom } = transfer
  return { path: part.path, bytes: doneBytes, digest, resumedFrom }
}

async function run(
  { scheduler }: FetchContext,
  transfer: RangeDownload,
  { signal, progress, once = false }: DownloadOptions,
): Promise<string> {
  const watch = new TransferWatch(scheduler, progress)
  try {
    const doneBytes = () => transfer.doneBytes
    const limit = once ? { maxFailures: 1 } : {}
    return await persist(scheduler, {
      run: () => transfer.run(watch),
      doneBytes,
      signal,
      ...limit,
    })
  } finally {
    watch.close()
  }
}

/** What earlier attempts have left. */
interface Begun {
  readonly offset: number
  readonly isBegun: boolean
}

/** Fetches the missing range with a new ticket each time. */
class RangeDownload {
  readonly #context: FetchContext
  readonly #source: Source
  readonly #options: DownloadOptions
  readonly #part: PartFile
  doneBytes = 0
  resumedFrom = 0
  #hasAsked = false

  constructor(context: FetchContext, source: Source, options: DownloadOptions, part: PartFile) {
    this.#context = context
    this.#source = source
    this.#options = options
    this.#part = part
  }

  /** Resolves with the digest that the server names once all bytes are here. */
  async run(watch: TransferWatch): Promise<string> {
    const record = this.#context.state.transfer(this.#part.partPath)
    const offset = record ? await this.#part.size() : 0
    const answer = await this.#ask(offset, record?.etag ?? '')
    if (answer.status === 416) return this.#beyondTheEnd(answer, offset, record?.etag ?? '')
    if (answer.status !== 200 && answer.status !== 206) throw refused(await httpError(answer))
    return this.#receive(answer, { offset, isBegun: record !== undefined }, watch)
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

  async #receive(answer: HttpAnswer, begun: Begun, watch: TransferWatch): Promise<string> {
    const offset = answer.status === 206 ? begun.offset : 0
    const totalBytes = offset + Number(header(answer, 'content-length') || 0)
    assertSize(totalBytes, this.#source, answer)
    this.#begin(answer, offset)
    watch.moved(offset, totalBytes)
    const moved = (count: number) => {
      this.doneBytes += count
      watch.moved(this.doneBytes, totalBytes)
    }
    try {
      await this.#part.write(answer.body, offset, begun.isBegun, moved)
    } catch (cause) {
      // What is there is not ours: the next attempt must not take it for begun.
      if (isTaken(cause)) this.#context.state.dropTransfer(this.#part.partPath)
      throw brokenOff(cause, this.#options.signal)
    }
    if (this.doneBytes < totalBytes) throw brokenOff(undefined, this.#options.signal)
    return digestIn(header(answer, 'etag'))
  }

  #begin(answer: HttpAnswer, offset: number): void {
    if (!this.#hasAsked) this.resumedFrom = offset
    this.#hasAsked = true
    this.doneBytes = offset
    const { state, scheduler } = this.#context
    const record = { url: '', etag: header(answer, 'etag') }
    state.saveTransfer(this.#part.partPath, record, scheduler.now())
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
    if (!this.#hasAsked) this.resumedFrom = offset
    this.#hasAsked = true
    this.doneBytes = offset
    return digestIn(etag)
  }
}

// Before a byte of it is written: what is too long would fill the disk.
function assertSize(totalBytes: number, { sizeBytes }: Source, answer: HttpAnswer): void {
  if (sizeBytes === undefined || totalBytes === sizeBytes) return
  answer.body.destroy()
  const message = `the server has ${totalBytes} bytes instead of ${sizeBytes}; nothing was fetched`
  throw new AppError('corrupt', 'SIZE_MISMATCH', message)
}

type Attachment = chat.File | chat.Image

async function attachmentAt(
  { calls, place }: DownloadRequest,
  signal: AbortSignal | undefined,
): Promise<Attachment> {
  const conversationId = idBytes(place.conversationId)
  const asked = { conversationId, beforeSeq: place.seq + 1, limit: 1 }
  const { entries } = await calls.history.listMessages(asked, signal ? { signal } : {})
  const found = entries.find((one) => one.seq === place.seq)?.entry?.content?.content
  if (found?.$case === 'file' || found?.$case === 'image') return found.value
  if (found?.$case === 'sticker' && found.value.image) return found.value.image
  throw new AppError('not-found', 'NO_ATTACHMENT', 'this message carries no file or image')
}

// The entry names the digest of a file and of an image's full variant.
function expectedDigest(attachment: Attachment, variant: Variant): string | undefined {
  const isWhole = 'fileId' in attachment || variant === 'full'
  return isWhole && attachment.digest.length > 0 ? attachment.digest.toString('hex') : undefined
}

function variantUrl(text: string, variant: Variant = 'full'): URL {
  const url = new URL(text)
  if (!/^\/images\/[^/]+$/.test(url.pathname)) return url
  return new URL(`${url.pathname}/${variant}`, url)
}

function digestIn(etag: string): string {
  return /^"([0-9a-f]{64})"$/.exec(etag)?.[1] ?? ''
}

async function isVerified(part: PartFile, expected: readonly string[]): Promise<boolean> {
  const digest = await fileDigest(part.partPath)
  return expected.every((one) => one === digest)
}

function mismatch(): AppError {
  const message = 'the bytes that came are not those that were sent; nothing was kept'
  return new AppError('corrupt', 'DIGEST_MISMATCH', message)
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
