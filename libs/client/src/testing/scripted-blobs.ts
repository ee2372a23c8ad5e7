import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { Blake3Hasher } from '@napi-rs/blake-hash'

/** A whole answer with a body of JSON. */
export interface ScriptedAnswer {
  /** 0 drops the connection instead. */
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** What goes wrong with the bytes. */
export interface BlobScript {
  /** Takes so many bytes of an upload's body, then drops the connection; once for each number. */
  cutUploads: number[]
  /** Sends so many bytes of a download, then drops the connection; once for each number. */
  cutDownloads: number[]
  /** Answers these statuses first, whatever is asked. */
  statuses: number[]
  /** Told with them. */
  retryAfterSeconds: number | undefined
  /** The receipt's claims beside those of the bytes. */
  claims: Record<string, unknown>
  /** Answers questions and proofs of possession; 404 unless told. */
  possession: (path: string, body: unknown) => ScriptedAnswer
  /** Where an upload is said to be. */
  location: (path: string) => string
  /** Called before bytes of an upload are taken; a status that it answers refuses them. */
  beforePatch: () => number | void
}

/** A request as it came. */
export interface ScriptedRequest {
  readonly line: string
  readonly token: string
  readonly range: string
  /** Of the body, as announced. */
  readonly bodyBytes: number
}

/** A file server that breaks off as told: tus uploads and range downloads over real HTTP. */
export class ScriptedBlobs {
  readonly script: BlobScript = {
    cutUploads: [],
    cutDownloads: [],
    statuses: [],
    retryAfterSeconds: undefined,
    claims: {},
    possession: () => ({ status: 404 }),
    location: (path) => path,
    beforePatch: () => undefined,
  }
  readonly requests: ScriptedRequest[] = []
  /** How many connections there have been. */
  connections = 0
  readonly uploads = new Map<string, { size: number; bytes: Buffer }>()
  readonly files = new Map<string, Buffer>()
  readonly #server: Server = createServer((request, answer) => void this.#take(request, answer))

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async start(): Promise<this> {
    this.#server.on('connection', () => (this.connections += 1))
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve)
    })
    return this
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => {
      this.#server.close(resolve)
    })
  }

  async #take(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method, url = '', headers } = request
    if (url.startsWith('/possessions')) return this.#possess(request, answer)
    const token = headers.authorization ?? ''
    const bodyBytes = Number(headers['content-length'] ?? 0)
    this.requests.push({ line: `${method} ${url}`, token, range: headers.range ?? '', bodyBytes })
    const status = this.script.statuses.shift()
    const { retryAfterSeconds } = this.script
    if (status && retryAfterSeconds) answer.setHeader('Retry-After', retryAfterSeconds)
    if (status) return fail(answer, status)
    if (method === 'POST') return this.#create(request, answer)
    if (method === 'GET') return this.#send(request, answer)
    const refusal = method === 'PATCH' ? this.script.beforePatch() : undefined
    if (refusal) return fail(answer, refusal)
    const upload = this.uploads.get(url)
    if (!upload) return fail(answer, 404)
    if (method === 'PATCH' && !(await this.#append(request, upload))) return
    answer.writeHead(method === 'HEAD' ? 200 : 204, this.#told(upload)).end()
  }

  async #possess(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const asked: unknown = await json(request)
    const { status, headers, body } = this.script.possession(request.url ?? '', asked)
    if (status === 0) return void request.socket.destroy()
    answer.writeHead(status, { ...headers }).end(JSON.stringify(body))
  }

  #create(request: IncomingMessage, answer: ServerResponse): void {
    const path = `/uploads/${randomBytes(8).toString('hex')}`
    const upload = { size: Number(request.headers['upload-length']), bytes: Buffer.alloc(0) }
    this.uploads.set(path, upload)
    const headers = { Location: this.script.location(path), ...this.#told(upload) }
    answer.writeHead(201, headers).end()
  }

  async #append(request: IncomingMessage, upload: { bytes: Buffer }): Promise<boolean> {
    const cutAfter = this.script.cutUploads.shift() ?? Infinity
    let taken = 0
    const parts = [upload.bytes]
    // Kept: a request that is left in the middle of its body forgets its connection.
    const { socket } = request
    try {
      for await (const chunk of request) {
        const part = (chunk as Buffer).subarray(0, cutAfter - taken)
        taken += part.length
        parts.push(part)
        if (taken >= cutAfter) break
      }
    } catch {
      // The client has gone; what came stays.
      return false
    } finally {
      upload.bytes = Buffer.concat(parts)
    }
    if (taken >= cutAfter) socket.destroy()
    return taken < cutAfter
  }

  #told({ size, bytes }: { size: number; bytes: Buffer }): Record<string, string> {
    const stands = { 'Upload-Offset': String(bytes.length), 'Upload-Length': String(size) }
    if (bytes.length < size) return stands
    const digest = digestOf(bytes)
    const claims = { id: 'f'.repeat(32), size, digest, type: 'text/plain', ...this.script.claims }
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url')
    return { ...stands, 'Parley-Receipt': `x.${payload}.x` }
  }

  #send(request: IncomingMessage, answer: ServerResponse): void {
    const bytes = this.files.get(request.url ?? '')
    if (!bytes) return fail(answer, 404)
    const etag = `"${digestOf(bytes)}"`
    const first = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const from = request.headers['if-range'] === etag ? first : 0
    if (from > 0 && from >= bytes.length) {
      answer.writeHead(416, { 'Content-Range': `bytes */${bytes.length}` }).end()
      return
    }
    const cutAfter = this.script.cutDownloads.shift()
    const length = bytes.length - from
    answer.writeHead(from > 0 ? 206 : 200, { ETag: etag, 'Content-Length': length })
    if (cutAfter === undefined) answer.end(bytes.subarray(from))
    else answer.write(bytes.subarray(from, from + cutAfter), () => answer.destroy())
  }
}

/** The BLAKE3 digest of bytes, in hex. */
export function digestOf(bytes: Buffer): string {
  return new Blake3Hasher().update(bytes).digestBuffer().toString('hex')
}

function fail(answer: ServerResponse, status: number): void {
  answer.writeHead(status, { 'Content-Type': 'application/json' })
  answer.end(JSON.stringify({ error: { reason: `SCRIPTED_${status}`, message: 'as told' } }))
}
