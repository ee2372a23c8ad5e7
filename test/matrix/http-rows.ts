/** A way to ask for the same thing; the status is for who may. */
export interface Way {
  readonly name: string
  readonly headers: Readonly<Record<string, string>>
  readonly status: number
  readonly body?: string
}

/** Every way to read, of something with that strong `ETag`. */
export function waysToRead(etag: string): readonly Way[] {
  return [
    { name: 'plain', headers: {}, status: 200 },
    { name: 'another type', headers: { Accept: 'image/jpeg' }, status: 200 },
    { name: 'a range', headers: { Range: 'bytes=0-1' }, status: 206 },
    { name: 'the end', headers: { Range: 'bytes=-2' }, status: 206 },
    { name: 'several ranges', headers: { Range: 'bytes=0-0,2-2' }, status: 206 },
    { name: 'a range beyond', headers: { Range: 'bytes=99999999-' }, status: 416 },
    { name: 'what one has', headers: { 'If-None-Match': etag }, status: 304 },
    { name: 'anything new', headers: { 'If-None-Match': '*' }, status: 304 },
    { name: 'something else', headers: { 'If-Match': '"x"' }, status: 412 },
    { name: 'going on', headers: { Range: 'bytes=1-', 'If-Range': etag }, status: 206 },
  ]
}

const bytes = { 'Content-Type': 'application/offset+octet-stream' }

/** Every way to ask about an upload; only the first is asked of what the owner needs later. */
export const waysToUpload: readonly Way[] = [
  { name: 'plain', headers: { ...bytes, 'Upload-Offset': '0' }, status: 204 },
  { name: 'elsewhere', headers: { ...bytes, 'Upload-Offset': '5' }, status: 409 },
  { name: 'another version', headers: { 'Tus-Resumable': '0.2.2' }, status: 412 },
  { name: 'another type', headers: { 'Content-Type': 'text/plain' }, status: 415 },
  {
    name: 'a wrong checksum',
    headers: { ...bytes, 'Upload-Offset': '0', 'Upload-Checksum': 'sha1 AAAA' },
    status: 400,
  },
]

/** Routes that need no token, and what they answer. */
export const openRoutes: Readonly<Record<string, number>> = {
  'GET /healthz': 200,
  'OPTIONS /uploads': 204,
  'OPTIONS /uploads/:id': 204,
}

/** Routes by what they are about. */
export const routeKinds: Readonly<Record<string, 'read' | 'upload' | 'begin' | 'ask' | 'prove'>> = {
  'GET /files/:id': 'read',
  'HEAD /files/:id': 'read',
  'GET /images/:id/:variant': 'read',
  'HEAD /images/:id/:variant': 'read',
  'POST /uploads': 'begin',
  'HEAD /uploads/:id': 'upload',
  'GET /uploads/:id': 'upload',
  'PATCH /uploads/:id': 'upload',
  'DELETE /uploads/:id': 'upload',
  'POST /possessions': 'ask',
  'POST /possessions/:id': 'prove',
}
