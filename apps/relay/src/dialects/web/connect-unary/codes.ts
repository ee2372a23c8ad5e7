import { status } from '@grpc/grpc-js'

/** A code as the Connect protocol names it, and the HTTP status that goes with it. */
export interface ConnectCode {
  readonly name: string
  readonly httpStatus: number
}

const code = (name: string, httpStatus: number): ConnectCode => ({ name, httpStatus })
const unknown = code('unknown', 500)

/** connectrpc.com/docs/protocol, "Error codes". */
const codes: Readonly<Partial<Record<status, ConnectCode>>> = {
  [status.CANCELLED]: code('canceled', 499),
  [status.UNKNOWN]: unknown,
  [status.INVALID_ARGUMENT]: code('invalid_argument', 400),
  [status.DEADLINE_EXCEEDED]: code('deadline_exceeded', 504),
  [status.NOT_FOUND]: code('not_found', 404),
  [status.ALREADY_EXISTS]: code('already_exists', 409),
  [status.PERMISSION_DENIED]: code('permission_denied', 403),
  [status.RESOURCE_EXHAUSTED]: code('resource_exhausted', 429),
  [status.FAILED_PRECONDITION]: code('failed_precondition', 400),
  [status.ABORTED]: code('aborted', 409),
  [status.OUT_OF_RANGE]: code('out_of_range', 400),
  [status.UNIMPLEMENTED]: code('unimplemented', 501),
  [status.INTERNAL]: code('internal', 500),
  [status.UNAVAILABLE]: code('unavailable', 503),
  [status.DATA_LOSS]: code('data_loss', 500),
  [status.UNAUTHENTICATED]: code('unauthenticated', 401),
}

/** What a gRPC code is called here. */
export function connectCode(grpcCode: status): ConnectCode {
  return codes[grpcCode] ?? unknown
}
