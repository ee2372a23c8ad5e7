import { Metadata } from '@grpc/grpc-js'
import { AppError } from '@parley/errors'

/** The metadata key by which services know each other. */
export const serviceKeyHeader = 'parley-service-key'

/** The metadata key by which a relay knows its operators. */
export const operatorKeyHeader = 'parley-operator-key'

const bearerShape = /^Bearer ([A-Za-z0-9._~+/=-]{1,4096})$/i

/** Metadata that presents a token. */
export function bearerMetadata(token: string): Metadata {
  return oneEntry('authorization', `Bearer ${token}`)
}

/** Metadata that presents a shared key. */
export function keyMetadata(header: string, key: string): Metadata {
  return oneEntry(header, key)
}

/** The token a caller presents; throws `AppError` (unauthenticated, TOKEN_MISSING) without one. */
export function bearerToken(metadata: Metadata): string {
  const value = metadata.get('authorization')[0]
  const token = typeof value === 'string' ? bearerShape.exec(value)?.[1] : undefined
  if (token === undefined) throw new AppError('unauthenticated', 'TOKEN_MISSING', 'no token given')
  return token
}

function oneEntry(name: string, value: string): Metadata {
  const metadata = new Metadata()
  metadata.set(name, value)
  return metadata
}
