import { createReadStream } from 'node:fs'
import { AppError } from '@parley/errors'
import { askHttp, drained, header, httpError } from './http.ts'
import type { HttpAnswer, HttpRequest } from './http.ts'
import type { TransferContext } from './transfer-context.ts'

/** A local file on its way to a server. */
export interface TusFile {
  /** Where uploads are made: `<base>/uploads`. */
  readonly endpoint: URL
  readonly path: string
  readonly size: number
  readonly name: string
  /** Under which an interrupted upload is remembered. */
  readonly recordKey: string
}

const chunkBytes = 256 * 1024

/**
 * The bytes of one request. What lies in the buffers of the network when a connection breaks is
 * lost with it: an interruption costs at most one piece.
 */
const pieceBytes = 8 << 20

/** One upload over tus 1.0: goes on where the server's bytes end, also after a restart. */
export class TusUpload {
  readonly #context: TransferContext
  readonly #file: TusFile
  readonly #signal: AbortSignal | undefined
  #moved: (doneBytes: number) => void = () => undefined
  /** Kept here too: somebody else who uploads the same file may finish it and forget it. */
  #url: URL | undefined
  #doneBytes = 0
  #wasRenewed = false

  constructor(context: TransferContext, file: TusFile, signal: AbortSignal | undefined) {
    this.#context = context
    this.#file = file
    this.#signal = signal
  }

  get sizeBytes(): number {
    return this.#file.size
  }

  /** Bytes that the server is known to have. */
  get doneBytes(): number {
    return this.#doneBytes
  }

  /**
   * Goes as far as it can, telling on the way how many bytes are sent; answers the last answer,
   * which carries what the server made of it.
   */
  async run(moved: (doneBytes: number) => void): Promise<HttpAnswer> {
    this.#moved = moved
    const url = (this.#url ??= this.#known() ?? (await this.#create()))
    const head = await this.#ask({ method: 'HEAD', url, headers: {} })
    if (isGone(head)) return this.#startAgain()
    await expectStatus(head, 200)
    const offset = this.#stands(head)
    if (offset === this.#file.size && isFinished(head)) return head
    return this.#append(url, offset)
  }

  /** Forgets the upload: it is finished, or must not be gone on with. */
  forget(): void {
    this.#context.state.dropTransfer(this.#file.recordKey)
  }

  #known(): URL | undefined {
    const record = this.#context.state.transfer(this.#file.recordKey)
    return record && new URL(record.url)
  }

  // By a further attempt, not at once: a server that loses what it has just made is broken.
  #startAgain(): Promise<HttpAnswer> {
    this.forget()
    this.#url = undefined
    throw new AppError('unavailable', 'UPLOAD_LOST', 'the server no longer has this upload')
  }

  async #create(): Promise<URL> {
    const { endpoint, name, size, recordKey } = this.#file
    const filename = Buffer.from(name).toString('base64')
    const headers = {
      'Upload-Length': String(size),
      'Upload-Metadata': `filename ${filename}`,
      'Content-Length': '0',
    }
    const answer = await this.#ask({ method: 'POST', url: endpoint, headers })
    await expectStatus(answer, 201)
    const url = new URL(header(answer, 'location'), endpoint)
    // The token goes where the bytes go: to the server that was named, and nowhere else.
    if (url.origin !== endpoint.origin) {
      throw new AppError('corrupt', 'UPLOAD_ELSEWHERE', 'the server sends the upload elsewhere')
    }
    const { state, scheduler } = this.#context
    state.saveTransfer(recordKey, { url: url.href, etag: '' }, scheduler.now())
    return url
  }

  async #append(url: URL, from: number): Promise<HttpAnswer> {
    const { size } = this.#file
    for (let offset = from; ;) {
      const answer = await this.#sendPiece(url, offset)
      const reached = this.#stands(answer)
      if (reached === size && isFinished(answer)) return answer
      if (reached <= offset) {
        throw new AppError('unavailable', 'UPLOAD_UNFINISHED', 'the upload is not complete yet')
      }
      offset = reached
    }
  }

  async #sendPiece(url: URL, offset: number): Promise<HttpAnswer> {
    const { path, size } = this.#file
    const end = Math.min(size, offset + pieceBytes)
    const headers = {
      'Content-Type': 'application/offset+octet-stream',
      'Upload-Offset': String(offset),
      'Content-Length': String(end - offset),
    }
    const answer = await this.#ask({ method: 'PATCH', url, headers }, () =>
      createReadStream(path, { start: offset, end: end - 1, highWaterMark: chunkBytes }),
    )
    if (isGone(answer)) return this.#startAgain()
    await expectStatus(answer, 204)
    return answer
  }

  async #ask(
    request: Pick<HttpRequest, 'method' | 'url' | 'headers'>,
    open?: () => ReturnType<typeof createReadStream>,
  ): Promise<HttpAnswer> {
    const token = await this.#context.tokens.access()
    const signal = this.#signal
    const headers = {
      ...request.headers,
      Authorization: `Bearer ${token}`,
      'Tus-Resumable': '1.0.0',
    }
    const isEmpty = request.headers['Content-Length'] === '0'
    const body = open && !isEmpty ? this.#watched(open(), request.headers) : undefined
    const answer = await askHttp({ ...request, headers, signal, ...(body ? { body } : {}) })
    if (answer.status !== 401 || this.#wasRenewed) return answer
    this.#wasRenewed = true
    const refusal = await httpError(answer)
    await this.#context.tokens.renewed(token)
    throw new AppError('unavailable', refusal.reason, 'the token was renewed', { cause: refusal })
  }

  #watched(body: ReturnType<typeof createReadStream>, headers: HttpRequest['headers']) {
    let sentBytes = Number(headers['Upload-Offset'])
    body.on('data', (chunk) => {
      sentBytes += chunk.length
      this.#moved(sentBytes)
    })
    return body
  }

  // Where the upload stands by the server's word.
  #stands(answer: HttpAnswer): number {
    const offset = Number(header(answer, 'upload-offset') || Number.NaN)
    const isWithin = Number.isSafeInteger(offset) && offset >= 0 && offset <= this.#file.size
    if (!isWithin) {
      throw new AppError('corrupt', 'OFFSET_MALFORMED', 'the server gave no usable offset')
    }
    this.#doneBytes = Math.max(this.#doneBytes, offset)
    this.#moved(offset)
    return offset
  }
}

function isGone({ status }: HttpAnswer): boolean {
  return status === 404 || status === 410
}

function isFinished(answer: HttpAnswer): boolean {
  return header(answer, 'parley-receipt') !== ''
}

async function expectStatus(answer: HttpAnswer, status: number): Promise<void> {
  if (answer.status === status) return drained(answer)
  const error = await httpError(answer)
  // Another attempt of ours may still be ending there; the next one asks for the offset again.
  if (error.reason !== 'OFFSET_MISMATCH') throw error
  throw new AppError('unavailable', error.reason, error.message, { cause: error })
}
