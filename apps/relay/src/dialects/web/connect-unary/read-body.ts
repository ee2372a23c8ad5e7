import type { IncomingMessage } from 'node:http'
import { AppError } from '@parley/errors'

/**
 * The body of a request; throws `AppError` (exhausted, BODY_TOO_LARGE) as soon as it is longer, and
 * (cancelled, CALL_CANCELLED) when its sender goes before the end. What comes after a refusal is thrown
 * away, so that who sends it gets to read why.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  return new Promise((resolve, reject) => {
    const refuse = () => {
      parts.length = 0
      reject(new AppError('exhausted', 'BODY_TOO_LARGE', `a body has ${maxBytes} bytes at most`))
    }
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) refuse()
    request.on('data', (part: Buffer) => {
      bytes += part.length
      if (bytes > maxBytes) refuse()
      else parts.push(part)
    })
    request.on('end', () => resolve(Buffer.concat(parts)))
    request.on('close', () => reject(new AppError('cancelled', 'CALL_CANCELLED', 'gone')))
  })
}
