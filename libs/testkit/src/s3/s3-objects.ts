import { createHash, randomUUID } from 'node:crypto'

/** An object of a fake bucket. */
export interface FakeObject {
  readonly bytes: Buffer
  readonly etag: string
  /** Its `x-amz-meta-` headers. */
  readonly metadata: Readonly<Record<string, string>>
}

interface FakeUpload {
  readonly key: string
  readonly metadata: Readonly<Record<string, string>>
  readonly parts: Map<number, Buffer>
}

/** A request to a bucket, read whole. */
export interface S3Request {
  readonly method: string
  /** Empty for the bucket itself. */
  readonly key: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** A whole answer. */
export interface S3Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string
}

const smallestPartBytes = 5 << 20

/** A bucket in memory: what S3 says of objects, ranges, uploads in parts, and lists. */
export class S3Objects {
  readonly objects = new Map<string, FakeObject>()
  readonly uploads = new Map<string, FakeUpload>()

  answer(request: S3Request): S3Answer {
    const { method, key, query } = request
    if (key === '') return this.#answerBucket(method, query)
    const uploadId = query.get('uploadId')
    if (uploadId !== null) return this.#answerUpload(request, uploadId)
    if (method === 'POST' && query.has('uploads')) return this.#beginUpload(request)
    if (method === 'PUT') return this.#put(key, request.body, metadataOf(request.headers))
    if (method === 'DELETE') {
      this.objects.delete(key)
      return { status: 204 }
    }
    if (method === 'GET' || method === 'HEAD') return this.#get(request)
    return s3Error(405, 'MethodNotAllowed')
  }

  #answerBucket(method: string, query: URLSearchParams): S3Answer {
    if (method === 'HEAD') return { status: 200 }
    if (method === 'GET' && query.has('uploads')) return this.#listUploads(query)
    if (method === 'GET' && query.get('list-type') === '2') return this.#list(query)
    return s3Error(405, 'MethodNotAllowed')
  }

  #put(key: string, bytes: Buffer, metadata: Readonly<Record<string, string>>): S3Answer {
    const etag = `"${md5(bytes)}"`
    this.objects.set(key, { bytes, etag, metadata })
    return { status: 200, headers: { etag } }
  }

  #get({ key, headers, method }: S3Request): S3Answer {
    const found = this.objects.get(key)
    if (!found) return method === 'HEAD' ? { status: 404 } : s3Error(404, 'NoSuchKey')
    const meta = Object.entries(found.metadata).map(([name, value]) => [
      `x-amz-meta-${name}`,
      value,
    ])
    const common = { etag: found.etag, ...Object.fromEntries(meta) }
    const range = /^bytes=(\d+)-(\d+)$/.exec(headers['range'] ?? '')
    if (!range) return { status: 200, headers: common, body: found.bytes }
    const [start, last] = [Number(range[1]), Math.min(Number(range[2]), found.bytes.length - 1)]
    if (start > last) return s3Error(416, 'InvalidRange')
    const told = { 'content-range': `bytes ${start}-${last}/${found.bytes.length}` }
    const body = found.bytes.subarray(start, last + 1)
    return { status: 206, headers: { ...common, ...told }, body }
  }

  #list(query: URLSearchParams): S3Answer {
    const after = query.get('continuation-token') ?? ''
    const prefix = query.get('prefix') ?? ''
    const most = Number(query.get('max-keys') ?? 1_000)
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > after)
    const page = keys.toSorted().slice(0, most)
    const isCut = keys.length > page.length
    const token = isCut ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
    const contents = page.map((key) => {
      const size = this.objects.get(key)?.bytes.length ?? 0
      return `<Contents><Key>${key}</Key><Size>${size}</Size></Contents>`
    })
    const told = `<IsTruncated>${isCut}</IsTruncated>${token}${contents.join('')}`
    return xml('ListBucketResult', told)
  }

  #listUploads(query: URLSearchParams): S3Answer {
    const prefix = query.get('prefix') ?? ''
    const found = [...this.uploads].filter(([, { key }]) => key.startsWith(prefix))
    const told = found.map(
      ([id, { key }]) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId></Upload>`,
    )
    return xml('ListMultipartUploadsResult', told.join(''))
  }

  #beginUpload({ key, headers }: S3Request): S3Answer {
    const id = randomUUID()
    this.uploads.set(id, { key, metadata: metadataOf(headers), parts: new Map() })
    const told = `<Key>${key}</Key><UploadId>${id}</UploadId>`
    return xml('InitiateMultipartUploadResult', told)
  }

  #answerUpload({ method, query, body }: S3Request, id: string): S3Answer {
    const upload = this.uploads.get(id)
    if (!upload) return s3Error(404, 'NoSuchUpload')
    if (method === 'DELETE') {
      this.uploads.delete(id)
      return { status: 204 }
    }
    if (method === 'PUT') {
      upload.parts.set(Number(query.get('partNumber')), body)
      return { status: 200, headers: { etag: `"${md5(body)}"` } }
    }
    return this.#complete(id, upload, body.toString())
  }

  #complete(id: string, upload: FakeUpload, wanted: string): S3Answer {
    const parts: Buffer[] = []
    for (const [, number] of wanted.matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)) {
      const part = upload.parts.get(Number(number))
      const etag = part && md5(part)
      if (!part || !wanted.includes(etag ?? '')) return s3Error(400, 'InvalidPart')
      parts.push(part)
    }
    const isSmall = parts.slice(0, -1).some((part) => part.length < smallestPartBytes)
    if (isSmall || parts.length === 0) return s3Error(400, 'EntityTooSmall')
    const etag = `"${md5(Buffer.concat(parts))}-${parts.length}"`
    const bytes = Buffer.concat(parts)
    this.objects.set(upload.key, { bytes, etag, metadata: upload.metadata })
    this.uploads.delete(id)
    return xml('CompleteMultipartUploadResult', `<Key>${upload.key}</Key><ETag>${etag}</ETag>`)
  }
}

/** A refusal as S3 words it. */
export function s3Error(status: number, code: string): S3Answer {
  return { ...xml('Error', `<Code>${code}</Code><Message>${code}</Message>`), status }
}

function xml(name: string, inner: string): S3Answer {
  const body = `<?xml version="1.0" encoding="UTF-8"?><${name}>${inner}</${name}>`
  return { status: 200, headers: { 'content-type': 'application/xml' }, body }
}

function metadataOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  const own = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-'))
  return Object.fromEntries(own.map(([name, value]) => [name.slice(11), value]))
}

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex')
}
