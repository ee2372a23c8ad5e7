import { AppError } from '@parley/errors'
import type { Exchange } from './exchange.ts'
import { requestBody } from './request-body.ts'

const maxBodyBytes = 8 * 1024

/** A small JSON body, parsed; throws `AppError` (invalid, REQUEST_MALFORMED) for any other. */
export async function jsonBody(exchange: Exchange): Promise<unknown> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of requestBody(exchange)) {
    sizeBytes += chunk.length
    if (sizeBytes > maxBodyBytes) throw malformed('has more than 8 KiB')
    chunks.push(chunk)
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
    return JSON.parse(text) as unknown
  } catch {
    throw malformed('is not JSON in UTF-8')
  }
}

function malformed(why: string): AppError {
  return new AppError('invalid', 'REQUEST_MALFORMED', `the body ${why}`)
}
