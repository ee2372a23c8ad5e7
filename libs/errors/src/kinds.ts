/** Every way a call can fail, as a caller sees it; each maps once to HTTP here and once to gRPC in grpc-kit. */
export const errorKinds = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  precondition: 412,
  'too-large': 413,
  unsupported: 415,
  unprocessable: 422,
  'rate-limited': 429,
  cancelled: 499,
  internal: 500,
  corrupt: 500,
  unavailable: 503,
  deadline: 504,
  exhausted: 507,
} as const

/** The name of one way to fail. */
export type ErrorKind = keyof typeof errorKinds

/** The HTTP status that answers a failure of this kind. */
export function httpStatus(kind: ErrorKind): number {
  return errorKinds[kind]
}
