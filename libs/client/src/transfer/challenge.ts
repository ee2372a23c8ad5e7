import { AppError } from '@parley/errors'

/** What a server wants to see hashed. */
export interface Challenge {
  readonly id: string
  readonly nonce: Buffer
  readonly ranges: readonly { readonly start: number; readonly end: number }[]
}

// Far more than a server asks, and no burden to a client.
const maxAnswerBytes = 64 * 1024
const maxRanges = 1_024
const maxAskedBytes = 4 << 20

/** Reads a challenge about a file of so many bytes; throws `AppError` (corrupt) for anything else. */
export async function readChallenge(
  chunks: AsyncIterable<unknown>,
  fileBytes: number,
): Promise<Challenge> {
  const said = parse(await textOf(chunks))
  const { id, nonce, ranges } = said
  if (typeof id !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(id)) throw malformed()
  if (typeof nonce !== 'string' || !/^[0-9a-f]{64}$/.test(nonce)) throw malformed()
  if (!Array.isArray(ranges) || ranges.length > maxRanges) throw malformed()
  const read = ranges.map((range: unknown) => rangeOf(range, fileBytes))
  const askedBytes = read.reduce((sum, { start, end }) => sum + end - start, 0)
  if (askedBytes > maxAskedBytes) throw malformed()
  return { id, nonce: Buffer.from(nonce, 'hex'), ranges: read }
}

async function textOf(chunks: AsyncIterable<unknown>): Promise<string> {
  const parts: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of chunks as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length
    if (sizeBytes > maxAnswerBytes) throw malformed()
    parts.push(chunk)
  }
  return Buffer.concat(parts).toString('utf8')
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>
  } catch (cause) {
    throw malformed(cause)
  }
}

function rangeOf(range: unknown, fileBytes: number) {
  const { start, end } = Object(range) as { start?: unknown; end?: unknown }
  const isRange =
    typeof start === 'number' &&
    typeof end === 'number' &&
    Number.isSafeInteger(start) &&
    Number.isSafeInteger(end)
  if (!isRange || start < 0 || start >= end || end > fileBytes) throw malformed()
  return { start, end }
}

function malformed(cause?: unknown): AppError {
  const message = 'the server asks for a proof that makes no sense'
  return new AppError('corrupt', 'CHALLENGE_MALFORMED', message, { cause })
}
