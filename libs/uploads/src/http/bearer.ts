import type { IncomingMessage } from 'node:http'
import { AppError } from '@parley/errors'

const bearerShape = /^Bearer ([A-Za-z0-9._~+/=-]{1,4096})$/i

/** The token in `Authorization: Bearer`; throws `AppError` (unauthenticated, TOKEN_MISSING) without one. */
export function bearerOf(request: IncomingMessage): string {
  const token = bearerShape.exec(request.headers.authorization ?? '')?.[1]
  if (token === undefined) throw new AppError('unauthenticated', 'TOKEN_MISSING', 'no token given')
  return token
}
