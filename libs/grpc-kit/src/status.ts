import { Metadata, status } from '@grpc/grpc-js'
import type { ServiceError, StatusObject } from '@grpc/grpc-js'
import { AppError, isAppError, toAppError } from '@parley/errors'
import type { ErrorKind } from '@parley/errors'

/** The trailer that carries an error's stable reason. */
export const reasonTrailer = 'parley-reason'

/** The trailer that says after how many milliseconds a repeat may succeed. */
export const retryAfterTrailer = 'parley-retry-after-ms'

const codes: Readonly<Record<ErrorKind, status>> = {
  invalid: status.INVALID_ARGUMENT,
  unauthenticated: status.UNAUTHENTICATED,
  forbidden: status.PERMISSION_DENIED,
  'not-found': status.NOT_FOUND,
  conflict: status.ALREADY_EXISTS,
  precondition: status.FAILED_PRECONDITION,
  'too-large': status.OUT_OF_RANGE,
  unsupported: status.UNIMPLEMENTED,
  unprocessable: status.INVALID_ARGUMENT,
  'rate-limited': status.RESOURCE_EXHAUSTED,
  cancelled: status.CANCELLED,
  internal: status.INTERNAL,
  corrupt: status.DATA_LOSS,
  unavailable: status.UNAVAILABLE,
  deadline: status.DEADLINE_EXCEEDED,
  exhausted: status.RESOURCE_EXHAUSTED,
}

const kinds: Readonly<Partial<Record<status, ErrorKind>>> = {
  [status.CANCELLED]: 'cancelled',
  [status.INVALID_ARGUMENT]: 'invalid',
  [status.DEADLINE_EXCEEDED]: 'deadline',
  [status.NOT_FOUND]: 'not-found',
  [status.ALREADY_EXISTS]: 'conflict',
  [status.PERMISSION_DENIED]: 'forbidden',
  [status.RESOURCE_EXHAUSTED]: 'exhausted',
  [status.FAILED_PRECONDITION]: 'precondition',
  [status.ABORTED]: 'conflict',
  [status.OUT_OF_RANGE]: 'too-large',
  [status.UNIMPLEMENTED]: 'unsupported',
  [status.UNAVAILABLE]: 'unavailable',
  [status.DATA_LOSS]: 'corrupt',
  [status.UNAUTHENTICATED]: 'unauthenticated',
}

/** The gRPC status that answers a failure of this kind. */
export function grpcCode(kind: ErrorKind): status {
  return codes[kind]
}

/** Any failure as the status a server sends: unknown ones are INTERNAL with hidden text. */
export function grpcStatus(error: unknown): StatusObject {
  const known = toAppError(error)
  const metadata = new Metadata()
  metadata.set(reasonTrailer, known.reason)
  if (known.retryAfterMs !== undefined) {
    metadata.set(retryAfterTrailer, String(Math.ceil(known.retryAfterMs)))
  }
  // grpc-js percent-encodes the text with encodeURI, which throws on half a surrogate pair.
  return { code: grpcCode(known.kind), details: known.message.toWellFormed(), metadata }
}

/** What a client's call failed with, as the `AppError` the server threw. */
export function appErrorFromGrpc(error: unknown): AppError {
  if (isAppError(error)) return error
  if (!isServiceError(error)) return toAppError(error)
  const retryAfterMs = Number(trailer(error, retryAfterTrailer) ?? Number.NaN)
  return new AppError(kinds[error.code] ?? 'internal', reasonOf(error), error.details, {
    cause: error,
    ...(Number.isFinite(retryAfterMs) ? { retryAfterMs } : {}),
  })
}

function reasonOf(error: ServiceError): string {
  const reason = trailer(error, reasonTrailer)
  if (reason !== undefined && /^[A-Z][A-Z0-9_]{1,63}$/.test(reason)) return reason
  return `GRPC_${status[error.code] ?? 'UNKNOWN'}`
}

function trailer(error: ServiceError, name: string): string | undefined {
  const value = error.metadata?.get(name)[0]
  return typeof value === 'string' ? value : undefined
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error && 'metadata' in error
}
