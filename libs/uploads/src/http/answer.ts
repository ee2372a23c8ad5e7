import type { ServerResponse } from 'node:http'
import { httpStatus, toAppError } from '@parley/errors'
import type { AppError } from '@parley/errors'

/** Headers of every answer: nothing here is ever a page. */
export const safeHeaders: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "sandbox; default-src 'none'",
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
}

// Statuses that tus gives a meaning of its own.
const statusByReason: Readonly<Record<string, number>> = {
  UPLOAD_BUSY: 423,
  CHECKSUM_MISMATCH: 460,
  TUS_VERSION: 412,
  TOO_SLOW: 408,
  METHOD_NOT_ALLOWED: 405,
}

/** Answers with a JSON body. */
export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  const text = `${JSON.stringify(body)}\n`
  response.writeHead(status, {
    ...safeHeaders,
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
  })
  response.end(text)
}

/** Answers a failure as `{"error":{"reason","message"}}`; of unforeseen ones the text stays inside. */
export function answerError(response: ServerResponse, error: AppError): void {
  if (error.kind === 'unauthenticated') response.setHeader('WWW-Authenticate', 'Bearer')
  if (error.retryAfterMs !== undefined) {
    response.setHeader('Retry-After', Math.ceil(error.retryAfterMs / 1000))
  }
  const { reason, message } = publicFace(error)
  answerJson(response, statusOf(error), { error: { reason, message } })
}

/** The HTTP status of a failure. */
function statusOf(error: AppError): number {
  return statusByReason[error.reason] ?? httpStatus(error.kind)
}

/** True for what must be logged, since its caller is told nothing of it. */
export function isUnforeseen(error: AppError): boolean {
  return error.kind === 'internal' || error.kind === 'corrupt'
}

function publicFace(error: AppError): AppError {
  return isUnforeseen(error) ? toAppError(undefined) : error
}
