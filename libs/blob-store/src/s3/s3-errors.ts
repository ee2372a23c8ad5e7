import { AppError, isAppError } from '@parley/errors'

const retryAfterMs = 5_000

/** Names by which S3 servers say that an object, or an upload to one, is not there. */
const missingNames: ReadonlySet<string> = new Set(['NotFound', 'NoSuchKey', 'NoSuchUpload'])

const refusedNames: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AuthorizationHeaderMalformed',
  'CredentialsProviderError',
  'Forbidden',
  'InvalidAccessKeyId',
  'NoSuchBucket',
  'PermanentRedirect',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
])

/** True when the server said that there is no such object. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && missingNames.has(error.name)
}

/**
 * True of a `bucketError` when the bucket refused the only attempt: what was asked is not done, and
 * will not be later.
 */
export function isRefusedAtOnce(error: unknown): boolean {
  if (!isAppError(error) || error.reason !== 'BUCKET_REFUSED') return false
  return numberOf(error.cause, 'attempts') === 1 && statusOf(error.cause) !== undefined
}

/** What went wrong between this process and a bucket, in the words of this system. */
export function bucketError(error: unknown): AppError {
  if (isAppError(error) && error.kind !== 'deadline') return error
  const status = statusOf(error)
  if (status === 507 || nameOf(error) === 'QuotaExceeded') {
    return new AppError('exhausted', 'BUCKET_FULL', 'the bucket takes no more', { cause: error })
  }
  if (refusedNames.has(nameOf(error)) || status === 401 || status === 403) {
    const message = 'the bucket does not let this server in'
    return new AppError('unavailable', 'BUCKET_REFUSED', message, { cause: error, retryAfterMs })
  }
  const message = 'the bucket cannot be reached now'
  return new AppError('unavailable', 'BUCKET_UNAVAILABLE', message, { cause: error, retryAfterMs })
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : ''
}

function statusOf(error: unknown): number | undefined {
  return numberOf(error, 'httpStatusCode')
}

// The SDK puts the answer's status, and the attempts, beside its errors, whatever their kind.
function numberOf(error: unknown, name: 'attempts' | 'httpStatusCode'): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined
  const { $metadata: metadata } = error
  if (typeof metadata !== 'object' || metadata === null) return undefined
  const value = (metadata as Readonly<Record<string, unknown>>)[name]
  return typeof value === 'number' ? value : undefined
}
