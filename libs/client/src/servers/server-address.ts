import { createSecureContext } from 'node:tls'
import { credentials } from '@grpc/grpc-js'
import type { ChannelCredentials } from '@grpc/grpc-js'
import { AppError } from '@parley/errors'
import { isLoopback } from '@parley/service-kit'

/** A server as a user names it. */
export interface ServerAddress {
  /** `host:port`. */
  readonly target: string
  readonly tls: boolean
}

const shape = /^(tls:\/\/)?((?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+)):(\d{1,5})$/

/**
 * Reads `host:port` or `tls://host:port`; throws `AppError` (invalid, SERVER_MALFORMED), or
 * (precondition, PLAINTEXT_REFUSED) where tokens would cross a network unencrypted.
 */
export function serverAddress(text: string, allowPlaintext: boolean): ServerAddress {
  const [, scheme, host, port] = shape.exec(text) ?? []
  if (host === undefined || Number(port) > 65_535) {
    throw new AppError('invalid', 'SERVER_MALFORMED', `a server is host:port, not ${text}`)
  }
  const tls = scheme !== undefined
  if (!tls && !allowPlaintext && !isLoopback(host)) {
    const message = `${text} would be talked to without TLS; write tls://${text}, or allow plaintext`
    throw new AppError('precondition', 'PLAINTEXT_REFUSED', message)
  }
  return { target: `${host}:${port}`, tls }
}

/** How a channel to this server is secured: whom Node trusts is trusted, as where files are fetched. */
export function channelCredentials(address: ServerAddress): ChannelCredentials {
  if (!address.tls) return credentials.createInsecure()
  return credentials.createFromSecureContext(createSecureContext({ minVersion: 'TLSv1.2' }))
}
