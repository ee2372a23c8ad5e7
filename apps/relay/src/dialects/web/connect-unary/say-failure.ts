import type { ServerResponse } from 'node:http'
import type { StatusObject } from '@grpc/grpc-js'
import { reasonTrailer, retryAfterTrailer } from '@parley/grpc-kit'
import { answerWith } from '../answers.ts'
import type { Fields } from '../answers.ts'
import { connectCode } from './codes.ts'

/** Answers with a failure, in the protocol's JSON; the stable reason stands in a header of its own. */
export function sayFailure(
  response: ServerResponse,
  { code, details, metadata }: StatusObject,
): void {
  const { name, httpStatus } = connectCode(code)
  const body = JSON.stringify({ code: name, message: details })
  const [reason = ''] = metadata.get(reasonTrailer).map(String)
  const [retryAfterMs] = metadata.get(retryAfterTrailer).map(String)
  answerWith(response, reason === 'BODY_TOO_LARGE' ? 413 : httpStatus, Buffer.from(body), {
    'Content-Type': 'application/json',
    'Parley-Reason': reason,
    ...(retryAfterMs === undefined ? {} : retryFields(retryAfterMs)),
    // RFC 9110, section 11.6.1: who is not known is told how to show who they are.
    ...(httpStatus === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
  })
}

function retryFields(retryAfterMs: string): Fields {
  const seconds = Math.ceil(Number(retryAfterMs) / 1_000)
  return { 'Parley-Retry-After-Ms': retryAfterMs, 'Retry-After': String(seconds) }
}
