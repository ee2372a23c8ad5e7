const tus = { 'Tus-Resumable': '1.0.0' }

/** Begins an upload; answers its address. */
export async function begin(url: string, token: string, sizeBytes: number): Promise<string> {
  const metadata = `filename ${Buffer.from('holiday.png').toString('base64')}`
  const answer = await fetch(`${url}/uploads`, {
    method: 'POST',
    headers: {
      ...tus,
      Authorization: `Bearer ${token}`,
      'Upload-Length': String(sizeBytes),
      'Upload-Metadata': metadata,
    },
  })
  if (answer.status !== 201) throw new Error(`creation answered ${answer.status}`)
  return `${url}${answer.headers.get('location')}`
}

/** Sends bytes from an offset on. */
export function append(
  upload: string,
  token: string,
  bytes: Buffer,
  offsetBytes = 0,
): Promise<Response> {
  return fetch(upload, {
    method: 'PATCH',
    headers: {
      ...tus,
      Authorization: `Bearer ${token}`,
      'Upload-Offset': String(offsetBytes),
      'Content-Type': 'application/offset+octet-stream',
    },
    body: new Uint8Array(bytes),
  })
}

/** Asks where an upload stands. */
export function look(upload: string, token: string): Promise<Response> {
  const headers = { ...tus, Authorization: `Bearer ${token}` }
  return fetch(upload, { method: 'HEAD', headers })
}

/** A whole upload; answers the image's id and receipt. */
export async function uploadImage(url: string, token: string, bytes: Buffer) {
  const upload = await begin(url, token, bytes.length)
  const answer = await append(upload, token, bytes)
  if (answer.status !== 204) throw new Error(`upload answered ${answer.status}`)
  return {
    upload,
    id: answer.headers.get('parley-image-id') ?? '',
    receipt: answer.headers.get('parley-receipt') ?? '',
  }
}

/** What a reader may add to its request. */
export interface ReadOptions {
  readonly method?: string
  readonly headers?: Record<string, string>
}

/** Reads from the public door, with a token or without. */
export function read(
  url: string,
  path: string,
  token?: string,
  options: ReadOptions = {},
): Promise<Response> {
  const bearer = token === undefined ? {} : { Authorization: `Bearer ${token}` }
  return fetch(`${url}${path}`, { ...options, headers: { ...bearer, ...options.headers } })
}
