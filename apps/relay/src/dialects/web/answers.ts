import type { ServerResponse } from 'node:http'

/** Header fields by name. */
export type Fields = Readonly<Record<string, string>>

/** What every answer says: nobody keeps it, and nobody takes it for something else. */
export const safely: Fields = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  Vary: 'Origin',
}

/** Answers in words. */
export function sayWords(
  response: ServerResponse,
  status: number,
  words: string,
  fields: Fields = {},
): void {
  answerWith(response, status, Buffer.from(`${words}\n`), {
    'Content-Type': 'text/plain; charset=utf-8',
    ...fields,
  })
}

/** Answers with these bytes, unless nobody waits for them any more. */
export function answerWith(
  response: ServerResponse,
  status: number,
  body: Buffer,
  fields: Fields,
): void {
  if (response.destroyed || response.headersSent) return
  response.writeHead(status, { ...fields, 'Content-Length': body.length })
  response.end(body)
}
