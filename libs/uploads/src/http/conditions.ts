import type { IncomingHttpHeaders } from 'node:http'

/** What the conditions of a request come to. */
export type Condition = 'go-on' | 'not-modified' | 'failed'

/** Weighs `If-Match` and `If-None-Match` against a strong entity tag (RFC 9110, 13.2.2). */
export function weighConditions(headers: IncomingHttpHeaders, etag: string): Condition {
  const ifMatch = headers['if-match']
  if (ifMatch !== undefined && !lists(ifMatch, etag, false)) return 'failed'
  const ifNoneMatch = headers['if-none-match']
  if (ifNoneMatch !== undefined && lists(ifNoneMatch, etag, true)) return 'not-modified'
  return 'go-on'
}

/** True when a `Range` still means these bytes: no `If-Range`, or exactly this tag in it. */
export function rangeStillMeans(headers: IncomingHttpHeaders, etag: string): boolean {
  const ifRange = headers['if-range']
  return ifRange === undefined || ifRange === etag
}

function lists(header: string, etag: string, weakly: boolean): boolean {
  if (header.trim() === '*') return true
  return header.split(',').some((one) => {
    const tag = one.trim()
    return tag === etag || (weakly && tag === `W/${etag}`)
  })
}
