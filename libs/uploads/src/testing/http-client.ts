import { request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { buffer } from 'node:stream/consumers'

/** A whole answer. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** One request on a connection of its own; `url` goes out exactly as it is. */
export function send(
  method: string,
  url: string,
  headers: Record<string, string | number> = {},
  body?: Uint8Array,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const path = url.slice(url.indexOf('/', 'http://'.length))
    const call = request({ method, hostname, port, path, headers, agent: false }, (response) => {
      const { statusCode = 0 } = response
      const answer = (bytes: Buffer) => ({
        status: statusCode,
        headers: response.headers,
        body: bytes,
      })
      buffer(response).then((bytes) => resolve(answer(bytes)), reject)
    })
    call.on('error', reject)
    call.end(body)
  })
}

/** The headers of a tus request by a user. */
export function tusHeaders(user: string, more: Record<string, string | number> = {}) {
  return { 'Tus-Resumable': '1.0.0', Authorization: `Bearer ${user}`, ...more }
}

/** Begins an upload and answers its URL. */
export async function begin(root: string, user: string, sizeBytes: number): Promise<string> {
  const answer = await send(
    'POST',
    `${root}/uploads`,
    tusHeaders(user, { 'Upload-Length': sizeBytes }),
  )
  if (answer.status !== 201)
    throw new Error(`not begun: ${answer.status} ${answer.body.toString()}`)
  return `${root}${answer.headers.location ?? ''}`
}

/** Appends bytes to an upload. */
export function append(
  url: string,
  user: string,
  offset: number,
  bytes: Uint8Array,
  more: Record<string, string> = {},
): Promise<Answer> {
  const type = 'application/offset+octet-stream'
  const headers = tusHeaders(user, { 'Upload-Offset': offset, 'Content-Type': type, ...more })
  return send('PATCH', url, headers, bytes)
}

/** Asks where an upload of `user-a` stands. */
export function head(url: string): Promise<Answer> {
  return send('HEAD', url, tusHeaders('user-a'))
}

/** The reason in a refusal. */
export function reasonOf(answer: Answer): string {
  return (JSON.parse(answer.body.toString()) as { error: { reason: string } }).error.reason
}

/** The media type of bytes of an upload. */
export const bytesType = { 'Content-Type': 'application/offset+octet-stream' }
