import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import type { TransferOptions, Uploaded } from '../api.ts'
import { jwtClaims } from '../calls/jwt-claims.ts'
import { fileDigest } from './file-digest.ts'
import { header } from './http.ts'
import type { HttpAnswer } from './http.ts'
import { possess } from './possess.ts'
import { assertPrivate, persist } from './transfer-context.ts'
import type { TransferContext } from './transfer-context.ts'
import { TransferWatch } from './transfer-watch.ts'
import { TusUpload } from './tus-upload.ts'
import type { TusFile } from './tus-upload.ts'

/** What goes where. */
export interface UploadRequest {
  readonly kind: 'file' | 'image'
  /** From the server's welcome; empty when there is no such server. */
  readonly baseUrl: string
  readonly path: string
}

/**
 * Uploads a file, going on with an interrupted upload of the same path, size and time; of bytes that
 * the server has already only the proof is sent. Throws
 * `AppError`: (not-found, NO_SUCH_FILE), (unavailable, NO_UPLOADS) without a server for it, the
 * server's refusal, or (corrupt, DIGEST_MISMATCH) when the file changed on its way.
 */
export async function upload(
  context: TransferContext,
  request: UploadRequest,
  options: TransferOptions,
): Promise<Uploaded> {
  const file = await localFile(context, request, options)
  // Of an image the server makes other bytes.
  const known = request.kind === 'file' ? await possess(context, file, options.signal) : undefined
  if (known !== undefined) {
    return {
      receipt: known,
      content: { content: contentOf('file', file.name, known) },
      instant: true,
    }
  }
  const transfer = new TusUpload(context, file, options.signal)
  const receipt = header(await run(context, transfer, options), 'parley-receipt')
  const content = contentOf(request.kind, file.name, receipt)
  try {
    if (content.$case === 'file') await assertSame(file.path, content.value.digest)
  } finally {
    // Not before: until then a killed client finds what is finished again.
    transfer.forget()
  }
  return { receipt, content: { content }, instant: false }
}

async function run(
  { scheduler }: TransferContext,
  transfer: TusUpload,
  { signal, progress }: TransferOptions,
): Promise<HttpAnswer> {
  const watch = new TransferWatch(scheduler, progress)
  const moved = (doneBytes: number) => watch.moved(doneBytes, transfer.sizeBytes)
  try {
    const doneBytes = () => transfer.doneBytes
    return await persist(scheduler, { run: () => transfer.run(moved), doneBytes, signal })
  } finally {
    watch.close()
  }
}

async function localFile(
  context: TransferContext,
  request: UploadRequest,
  options: TransferOptions,
): Promise<TusFile> {
  const { kind, baseUrl } = request
  if (baseUrl === '') {
    throw new AppError('unavailable', 'NO_UPLOADS', `there is no server for ${kind}s`)
  }
  const path = resolve(request.path)
  const found = await stat(path).catch((cause: unknown) => {
    throw new AppError('not-found', 'NO_SUCH_FILE', `${request.path} cannot be read`, { cause })
  })
  if (!found.isFile()) throw new AppError('invalid', 'NOT_A_FILE', `${request.path} is not a file`)
  const { userId } = context.tokens.login()
  const endpoint = new URL('/uploads', baseUrl)
  assertPrivate(endpoint, context)
  const identity = [kind, endpoint.href, userId, path, found.size, found.mtimeMs]
  const name = options.name ?? basename(path)
  return { endpoint, path, name, size: found.size, recordKey: JSON.stringify(identity) }
}

type Attachment = Extract<
  NonNullable<chat.Content['content']>,
  { $case: 'file' } | { $case: 'image' }
>

// The server's own words of a moment ago; whoever receives the message has them from the relay.
function contentOf(kind: UploadRequest['kind'], name: string, receipt: string): Attachment {
  const claims = jwtClaims(receipt)
  const text = (key: string) => (typeof claims[key] === 'string' ? claims[key] : '')
  const number = (key: string) => (typeof claims[key] === 'number' ? claims[key] : 0)
  const common = {
    name,
    size: number('size'),
    digest: Buffer.from(text('digest'), 'hex'),
    mediaType: text('type'),
  }
  if (kind === 'file') return { $case: 'file', value: { ...common, fileId: text('id') } }
  const thumbhash = Buffer.from(text('th'), 'base64url')
  const [width, height] = [number('w'), number('h')]
  const value = { ...common, imageId: text('id'), width, height, thumbhash }
  return { $case: 'image', value }
}

async function assertSame(path: string, digest: Buffer): Promise<void> {
  if ((await fileDigest(path)) === digest.toString('hex')) return
  const message = 'the file has changed while it was uploaded; send it again'
  throw new AppError('corrupt', 'DIGEST_MISMATCH', message)
}
