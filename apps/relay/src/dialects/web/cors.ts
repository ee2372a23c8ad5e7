import type { IncomingMessage } from 'node:http'
import type { Fields } from './answers.ts'

/** How long a browser may remember what a page may ask. */
const rememberedSeconds = '7200'

/** What a page may send beside what every page may. */
const requestFields = [
  'Authorization',
  'Content-Type',
  'Connect-Protocol-Version',
  'Connect-Timeout-Ms',
]

/** What a page may read of an answer beside what every page may. */
const responseFields = ['Parley-Reason', 'Parley-Retry-After-Ms', 'Retry-After']

/** What an answer tells the browser of a page that may read it (fetch.spec.whatwg.org, "CORS protocol"). */
export function sharedWith(origin: string | undefined): Fields {
  if (origin === undefined) return {}
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': responseFields.join(', '),
  }
}

/** Whether a browser asks beforehand what a page may ask. */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
}

/** What a page may ask. There are no cookies here: tokens are shown by name. */
export const preflightFields: Fields = {
  'Access-Control-Allow-Methods': 'POST',
  'Access-Control-Allow-Headers': requestFields.join(', '),
  'Access-Control-Max-Age': rememberedSeconds,
}
