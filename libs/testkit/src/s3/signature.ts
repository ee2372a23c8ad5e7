import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Whom a fake S3 server lets in. */
export interface S3Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

const shape =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/

/** Whether a request bears the signature (AWS version 4) of its head and its body. */
export function isSigned(request: IncomingMessage, body: Buffer, keys: S3Keys): boolean {
  const match = shape.exec(request.headers.authorization ?? '')
  if (!match) return false
  const [, keyId, date = '', region = '', signedHeaders = '', signature = ''] = match
  if (keyId !== keys.accessKeyId) return false
  const bodyHash = headerOf(request, 'x-amz-content-sha256')
  if (bodyHash !== 'UNSIGNED-PAYLOAD' && bodyHash !== sha256(body)) return false
  const scope = `${date}/${region}/s3/aws4_request`
  const text = [
    'AWS4-HMAC-SHA256',
    headerOf(request, 'x-amz-date'),
    scope,
    sha256(canonicalRequest(request, signedHeaders, bodyHash)),
  ].join('\n')
  const key = [date, region, 's3', 'aws4_request'].reduce<Buffer | string>(
    (secret, word) => createHmac('sha256', secret).update(word).digest(),
    `AWS4${keys.secretAccessKey}`,
  )
  const expected = createHmac('sha256', key).update(text).digest()
  return timingSafeEqual(expected, Buffer.from(signature, 'hex'))
}

function canonicalRequest(request: IncomingMessage, signed: string, bodyHash: string): string {
  const [path = '', query = ''] = (request.url ?? '').split('?')
  const parameters = query
    .split('&')
    .filter((each) => each !== '')
    .map((each) => (each.includes('=') ? each : `${each}=`))
    .toSorted()
  const headers = signed.split(';').map((name) => `${name}:${headerOf(request, name)}\n`)
  const head = [request.method, path, parameters.join('&'), headers.join(''), signed]
  return [...head, bodyHash].join('\n')
}

function headerOf(request: IncomingMessage, name: string): string {
  const value = request.headers[name]
  return (Array.isArray(value) ? value.join(',') : (value ?? '')).trim()
}

function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}
