import { AppError } from '@parley/errors'
import { isLoopback } from '@parley/service-kit'

/** Where a bucket is, and as whom it is used. */
export interface S3Location {
  /** Root of an S3-compatible server; undefined for AWS itself. */
  readonly endpoint: string | undefined
  readonly bucket: string
  readonly region: string
  /** Undefined: what the AWS environment gives (variables, profile, role). */
  readonly credentials:
    { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined
}

const s3UrlShape =
  's3://KEY:SECRET@host:port/bucket?region=..&tls=0, s3://host/bucket or s3:///bucket for AWS itself'

const bucketShape = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
const regionShape = /^[a-z0-9-]{1,64}$/
const parameters: ReadonlySet<string> = new Set(['region', 'tls'])

/**
 * Reads an `S3_URL`; answers what is wrong with it, in words that never repeat its secret, when it
 * is none.
 */
export function parseS3Url(text: string): S3Location | string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 's3:') return `must be ${s3UrlShape}`
  const bucket = url.pathname.replace(/^\//, '')
  if (!bucketShape.test(bucket)) return 'must name a bucket after its host: 3 to 63 of a-z 0-9 . -'
  const unknown = [...url.searchParams.keys()].find((name) => !parameters.has(name))
  if (unknown !== undefined) return 'takes region and tls, nothing else'
  const region = url.searchParams.get('region') ?? 'us-east-1'
  if (!regionShape.test(region)) return 'has a region that is none'
  const tls = url.searchParams.get('tls') ?? '1'
  if (tls !== '0' && tls !== '1') return 'has a tls that is neither 0 nor 1'
  if ((url.username === '') !== (url.password === '')) return 'has a key without its secret'
  const credentials = credentialsOf(url)
  if (credentials === 'malformed') return 'has a key or secret that is not percent-encoded'
  const endpoint = url.host === '' ? undefined : `${tls === '0' ? 'http' : 'https'}://${url.host}`
  return { endpoint, bucket, region, credentials }
}

/**
 * Refuses a server off loopback without TLS unless the operator said so in words: `AppError`
 * (precondition, PLAINTEXT_REFUSED).
 */
export function assertMayUse({ endpoint }: S3Location, allowPlaintext: boolean): void {
  if (allowPlaintext || endpoint?.startsWith('http:') !== true) return
  if (isLoopback(new URL(endpoint).hostname)) return
  const message = 'refusing a bucket off loopback without TLS; or set ALLOW_PLAINTEXT=1'
  throw new AppError('precondition', 'PLAINTEXT_REFUSED', message)
}

function credentialsOf({ username, password }: URL): S3Location['credentials'] | 'malformed' {
  if (username === '') return undefined
  try {
    return {
      accessKeyId: decodeURIComponent(username),
      secretAccessKey: decodeURIComponent(password),
    }
  } catch {
    return 'malformed'
  }
}
