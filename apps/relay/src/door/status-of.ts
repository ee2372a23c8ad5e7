import { status } from '@grpc/grpc-js'
import { isAppError } from '@parley/errors'
import { grpcCode } from '@parley/grpc-kit'
import type { Ended } from '../session/stream.ts'

const codes: Readonly<Record<string, status>> = {
  HELLO_FIRST: status.FAILED_PRECONDITION,
  HELLO_TWICE: status.FAILED_PRECONDITION,
  HELLO_LATE: status.DEADLINE_EXCEEDED,
  PROTOCOL_UNSUPPORTED: status.FAILED_PRECONDITION,
  CLIENT_TOO_OLD: status.FAILED_PRECONDITION,
  DEVICE_MISMATCH: status.UNAUTHENTICATED,
  TOKEN_EXPIRED: status.UNAUTHENTICATED,
  TOKEN_INVALID: status.UNAUTHENTICATED,
  MALFORMED: status.INVALID_ARGUMENT,
  TOO_MANY_CURSORS: status.INVALID_ARGUMENT,
  TOO_MANY_SESSIONS: status.RESOURCE_EXHAUSTED,
  FRAME_TOO_LARGE: status.RESOURCE_EXHAUSTED,
  INTERNAL: status.INTERNAL,
}

/**
 * The gRPC code of an end, which other dialects tell as a number, too. A device repeats what failed as
 * UNAVAILABLE: a login that is over must not look so.
 */
export function statusOf(why: Ended): status {
  if (isAppError(why)) return grpcCode(why.kind)
  return codes[why.reason] ?? status.UNAVAILABLE
}
