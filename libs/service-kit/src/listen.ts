import { isIPv4 } from 'node:net'
import { AppError } from '@parley/errors'

/** Where a server is about to listen, and under which permission. */
export interface ListenRequest {
  readonly host: string
  readonly tls: boolean
  readonly allowPlaintext: boolean
}

/** True for a name or address that only this machine can reach. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  if (bare === 'localhost' || bare === '::1') return true
  const mapped = bare.replace(/^::ffff:/, '')
  return isIPv4(mapped) && mapped.startsWith('127.')
}

/**
 * Refuses a public address without TLS unless the operator said so in words: `AppError`
 * (precondition, PLAINTEXT_REFUSED).
 */
export function assertMayListen(request: ListenRequest): void {
  if (request.tls || request.allowPlaintext || isLoopback(request.host)) return
  const message = `refusing to listen on ${request.host} without TLS; use a loopback address, configure TLS, or set ALLOW_PLAINTEXT=1`
  throw new AppError('precondition', 'PLAINTEXT_REFUSED', message)
}

/** A failure to listen as an `AppError` that names the address; a taken port is ADDRESS_IN_USE. */
export function listenError(error: unknown, host: string, port: number): AppError {
  const text = error instanceof Error ? error.message : String(error)
  if (text.includes('EADDRINUSE')) {
    const message = `${formatAddress(host, port)} is taken by another process`
    return new AppError('conflict', 'ADDRESS_IN_USE', message, { cause: error })
  }
  const message = `cannot listen on ${formatAddress(host, port)}: ${text}`
  return new AppError('precondition', 'CANNOT_LISTEN', message, { cause: error })
}

/** `host:port`, with brackets around an IPv6 host. */
export function formatAddress(host: string, port: number): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]:${port}` : `${host}:${port}`
}
