import { isAppError } from '@parley/errors'
import { pino } from 'pino'
import type { DestinationStream, Logger } from 'pino'

export type { Logger } from 'pino'

/** How much a process writes. */
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'

const secretKeys = [
  'password',
  'token',
  'accessToken',
  'refreshToken',
  'ticket',
  'receipt',
  'secret',
  'authorization',
  'cookie',
  'serviceKey',
  'operatorKey',
  'body',
]

/**
 * The root logger of a process: JSON lines on stderr (stdout has only the ready line), with
 * secrets blanked at the first two levels should one ever be passed.
 */
export function createLogger(
  service: string,
  level: LogLevel = 'info',
  destination?: DestinationStream,
): Logger {
  const paths = secretKeys.flatMap((key) => [key, `*.${key}`])
  return pino(
    {
      level,
      base: { service, pid: process.pid },
      redact: { paths, censor: '[redacted]' },
      serializers: { err: loggedError },
    },
    // Synchronous: what is logged just before a crash must be there to read.
    destination ?? pino.destination({ fd: 2, sync: true }),
  )
}

/** What was expected is told by its reason; only the unexpected needs its stack. */
function loggedError(error: unknown): unknown {
  if (!isAppError(error)) return pino.stdSerializers.err(error as Error)
  const { kind, reason, message } = error
  if (kind === 'internal' || kind === 'corrupt') return pino.stdSerializers.err(error)
  return { kind, reason, message }
}
