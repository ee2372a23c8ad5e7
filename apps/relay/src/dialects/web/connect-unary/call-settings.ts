import type { IncomingHttpHeaders } from 'node:http'
import { AppError } from '@parley/errors'

/** How long a call may take when its caller does not say, and at most. */
const maxCallMs = 30_000

/**
 * How long a call may take, by its headers; throws `AppError` for a version or an encoding that is not
 * spoken here.
 */
export function callMsOf(headers: IncomingHttpHeaders): number {
  const version = headers['connect-protocol-version']
  if (version !== undefined && version !== '1') {
    throw new AppError('invalid', 'PROTOCOL_UNSUPPORTED', 'Connect-Protocol-Version is 1')
  }
  for (const name of ['content-encoding', 'connect-content-encoding']) {
    const encoding = headers[name] ?? 'identity'
    if (encoding === 'identity') continue
    throw new AppError('unsupported', 'ENCODING_UNSUPPORTED', 'bodies are not compressed here')
  }
  const timeout = headers['connect-timeout-ms']
  if (timeout === undefined) return maxCallMs
  if (typeof timeout === 'string' && /^\d{1,10}$/.test(timeout)) {
    return Math.min(Number(timeout), maxCallMs)
  }
  throw new AppError('invalid', 'TIMEOUT_MALFORMED', 'Connect-Timeout-Ms has 1 to 10 digits')
}
