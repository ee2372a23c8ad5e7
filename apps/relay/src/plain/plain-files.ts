import { AppError } from '@parley/errors'
import { isLoopback } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { z } from 'zod'

/** A file as a plain client sends it: with all its bytes at once. */
export interface PlainFile {
  readonly name: string
  readonly bytes: Buffer<ArrayBuffer>
}

/** Whose file it is, and until when it is wanted. */
export interface FileOwner {
  readonly accessToken: string
  readonly signal: AbortSignal
}

/** What a message needs to carry a file that is stored. */
export interface StoredFile {
  readonly fileId: string
  readonly receipt: string
}

/** Where the files of plain clients are stored. */
export interface FileDrop {
  /**
   * Stores a file as its owner's, like any client. Throws `AppError`: the file server's refusal,
   * (unavailable, FILES_AWAY), or (precondition) when nobody may be asked.
   */
  store(file: PlainFile, owner: FileOwner): Promise<StoredFile>
}

/** What a drop at the file server needs. */
export interface FileDropParts {
  readonly scheduler: Scheduler
  readonly config: { readonly filesPublic: string; readonly allowPlaintext: boolean }
}

/** How long the file server may take for one file. */
export const attemptMs = 30_000
/** An upload that broke off is begun anew, so many times in all. */
const maxAttempts = 2
const maxRefusalBytes = 16 * 1024

/** The file server that clients are told of: a file goes there by one request of tus 1.0. */
export function fileDrop({ scheduler, config }: FileDropParts): FileDrop {
  return {
    async store(file, owner) {
      const url = uploadsAt(config)
      for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
        const stored = await upload(scheduler, url, file, owner)
        if (stored !== undefined) return stored
      }
      throw new AppError('unavailable', 'FILES_AWAY', 'the file server is away; try again later')
    },
  }
}

/** Throws `AppError` where there is none, or the user's token would cross a network unencrypted. */
function uploadsAt({ filesPublic, allowPlaintext }: FileDropParts['config']): URL {
  if (filesPublic === '') {
    throw new AppError('precondition', 'NO_FILE_SERVER', 'there is no file server')
  }
  const url = new URL('/uploads', filesPublic)
  if (url.protocol === 'https:' || allowPlaintext || isLoopback(url.hostname)) return url
  const message = 'the file server would be talked to without TLS'
  throw new AppError('precondition', 'PLAINTEXT_REFUSED', message)
}

/** One attempt; undefined when another one may do better. */
async function upload(
  scheduler: Scheduler,
  url: URL,
  file: PlainFile,
  { accessToken, signal }: FileOwner,
): Promise<StoredFile | undefined> {
  const late = new AbortController()
  const timer = scheduler.setTimer(attemptMs, () => late.abort())
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: headersOf(file, accessToken),
      body: file.bytes,
      // A token goes to the server that was named, and nowhere else.
      redirect: 'error',
      signal: AbortSignal.any([signal, late.signal]),
    })
    return await storedBy(answer)
  } catch (error) {
    if (error instanceof AppError) throw error
    return undefined
  } finally {
    timer.cancel()
  }
}

function headersOf({ name, bytes }: PlainFile, accessToken: string): Record<string, string> {
  return {
    Authorization: `Bearer ${accessToken}`,
    'Tus-Resumable': '1.0.0',
    'Upload-Length': String(bytes.length),
    'Upload-Metadata': `filename ${Buffer.from(name).toString('base64')}`,
    'Content-Type': 'application/offset+octet-stream',
  }
}

async function storedBy(answer: Response): Promise<StoredFile | undefined> {
  const fileId = answer.headers.get('parley-file-id') ?? ''
  const receipt = answer.headers.get('parley-receipt') ?? ''
  const text = await beginningOf(answer)
  if (answer.ok) return fileId === '' || receipt === '' ? undefined : { fileId, receipt }
  const refusal = refusalIn(text)
  // What has no words of ours was said by somebody between.
  if (refusal === undefined || isPassing(answer.status)) return undefined
  throw new AppError('precondition', refusal.reason, refusal.message)
}

/** Such an answer may be another one the next time; a full disk (507) stays full. */
function isPassing(status: number): boolean {
  return status >= 500 && status !== 507
}

/** As much of an answer's body as a refusal has. */
async function beginningOf({ body }: Response): Promise<string> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of body ?? []) {
    pieces.push(piece)
    bytes += piece.length
    if (bytes > maxRefusalBytes) break
  }
  return Buffer.concat(pieces).toString('utf8')
}

const refusalShape = z.object({
  error: z.object({
    reason: z.string().regex(/^[A-Z][A-Z0-9_]{1,63}$/),
    message: z.string().min(1).max(1_000),
  }),
})

function refusalIn(text: string): z.output<typeof refusalShape>['error'] | undefined {
  try {
    return refusalShape.safeParse(JSON.parse(text)).data?.error
  } catch {
    return undefined
  }
}
