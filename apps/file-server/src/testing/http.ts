/** One request; the body is read whole. */
export async function ask(
  method: string,
  url: string,
  token?: string,
  headers: Record<string, string> = {},
  body?: Uint8Array<ArrayBuffer>,
) {
  const bearer = token === undefined ? {} : { Authorization: `Bearer ${token}` }
  const sent = { 'Tus-Resumable': '1.0.0', ...bearer, ...headers }
  const answer = await fetch(url, { method, headers: sent, ...(body && { body }) })
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    body: Buffer.from(await answer.arrayBuffer()),
  }
}

/** Uploads bytes in one request and answers the file's id and receipt. */
export async function upload(
  root: string,
  token: string,
  bytes: Uint8Array<ArrayBuffer>,
  name = 'file',
) {
  const answer = await ask(
    'POST',
    `${root}/uploads`,
    token,
    {
      'Upload-Length': String(bytes.length),
      'Upload-Metadata': `filename ${Buffer.from(name).toString('base64')}`,
      'Content-Type': 'application/offset+octet-stream',
    },
    bytes,
  )
  if (answer.status !== 201)
    throw new Error(`upload failed: ${answer.status} ${String(answer.body)}`)
  const {
    location = '',
    'parley-file-id': id = '',
    'parley-receipt': receipt = '',
  } = answer.headers
  return { url: `${root}${location}`, id, receipt }
}
