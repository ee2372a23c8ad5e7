import { AppError } from '@parley/errors'

/** Stands where a request should be whose bytes could not be decoded. */
export class MalformedRequest {
  readonly error: AppError

  constructor(cause: unknown) {
    this.error = decodeError(cause)
  }
}

/** The request, or a throw of `AppError` (invalid) when its bytes could not be decoded. */
export function decoded<T>(request: T): T {
  if (request instanceof MalformedRequest) throw request.error
  return request
}

// ts-proto says of a 64-bit number above 2^53 only that it is larger than Number.MAX_SAFE_INTEGER.
function decodeError(cause: unknown): AppError {
  const text = cause instanceof Error ? cause.message : ''
  return text.includes('SAFE_INTEGER')
    ? new AppError('invalid', 'NUMBER_TOO_LARGE', 'a number is beyond 2^53', { cause })
    : new AppError('invalid', 'REQUEST_MALFORMED', 'the request could not be decoded', { cause })
}
