/** What a server answered to one step of an upload. */
export interface TusAnswer {
  readonly status: number
  /** The stable reason of a refusal. */
  readonly reason: string | undefined
  readonly message: string
  readonly headers: Headers
}

/** A naive uploader: one request per step, nothing repeated. */
export class Tus {
  readonly #base: string
  readonly #token: string

  /** `base` is the root of the file or image server. */
  constructor(base: string, token: string) {
    this.#base = base
    this.#token = token
  }

  /** Announces an upload; `location` of the headers says where it goes. */
  create(sizeBytes: number, name = 'name.bin'): Promise<TusAnswer> {
    const filename = Buffer.from(name).toString('base64')
    return this.request('POST', '/uploads', {
      'Upload-Length': String(sizeBytes),
      'Upload-Metadata': `filename ${filename}`,
    })
  }

  /** Sends bytes to an announced upload. */
  patch(location: string, offset: number, bytes: Uint8Array): Promise<TusAnswer> {
    const headers = {
      'Upload-Offset': String(offset),
      'Content-Type': 'application/offset+octet-stream',
    }
    return this.request('PATCH', new URL(location, this.#base).pathname, headers, bytes)
  }

  /** Announces and sends at once; answers how the last step went. */
  async upload(bytes: Uint8Array, name?: string): Promise<TusAnswer> {
    const created = await this.create(bytes.length, name)
    const location = created.headers.get('location')
    if (created.status !== 201 || !location) return created
    return this.patch(location, 0, bytes)
  }

  async request(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: Uint8Array,
  ): Promise<TusAnswer> {
    const authorization: Record<string, string> =
      this.#token === '' ? {} : { Authorization: `Bearer ${this.#token}` }
    const response = await fetch(`${this.#base}${path}`, {
      method,
      headers: { 'Tus-Resumable': '1.0.0', ...authorization, ...headers },
      ...(body ? { body: Buffer.from(body) } : {}),
    })
    const text = await response.text()
    const { reason, message = '' } = refusalIn(text)
    return { status: response.status, reason, message, headers: response.headers }
  }
}

function refusalIn(text: string): { reason?: string; message?: string } {
  try {
    return (JSON.parse(text) as { error?: { reason: string; message: string } }).error ?? {}
  } catch {
    return {}
  }
}
