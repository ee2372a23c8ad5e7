import { AppError } from '@parley/errors'
import { appErrorFromGrpc } from '@parley/grpc-kit'

const lateReason = 'GRPC_DEADLINE_EXCEEDED'

// grpc-js's own reasons: no server has said anything.
const silentReasons: ReadonlySet<string> = new Set(['GRPC_UNAVAILABLE', lateReason])

const signs: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, 'the connection is refused'],
  [/ENOTFOUND|EAI_AGAIN|Name resolution failed/, 'its name is not known'],
  [/EHOSTUNREACH|ENETUNREACH/, 'there is no way to it'],
  [/wrong version number|packet length too long/, 'it does not speak TLS'],
  [/certificate|altnames/i, 'its certificate is not trusted'],
  [/Protocol error/, 'it does not speak gRPC'],
]

/** What a call of this server failed with: what the server threw, or (UNREACHABLE) why it said nothing. */
export function callError(error: unknown, server: string): AppError {
  const failure = appErrorFromGrpc(error)
  const { kind, reason, message } = failure
  if (!silentReasons.has(reason)) return failure
  const found = signs.find(([sign]) => sign.test(message))
  const why =
    reason === lateReason ? 'it does not answer' : (found?.[1] ?? 'the connection is lost')
  return new AppError(kind, 'UNREACHABLE', `${server} cannot be reached: ${why}`, { cause: error })
}
