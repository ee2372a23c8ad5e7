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
    { level, base: { service, pid: process.pid }, redact: { paths, censor: '[redacted]' } },
    // Synchronous: what is logged just before a crash must be there to read.
    destination ?? pino.destination({ fd: 2, sync: true }),
  )
}
