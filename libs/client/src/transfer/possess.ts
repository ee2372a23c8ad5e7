import { Blake3Hasher } from '@napi-rs/blake-hash'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { AppError, isAppError } from '@parley/errors'
import { jwtClaims } from '../calls/jwt-claims.ts'
import { readChallenge } from './challenge.ts'
import type { Challenge } from './challenge.ts'
import { fileDigest } from './file-digest.ts'
import { askHttp, header, httpError } from './http.ts'
import type { HttpAnswer } from './http.ts'
import type { TransferContext } from './transfer-context.ts'
import type { TusFile } from './tus-upload.ts'

// What is smaller is sent in less time than it takes to ask.
const minFileBytes = 64 * 1024

const proofContext = 'parley 2026-11 proof of possession'

/**
 * Asks the server for a new file of bytes that it may have already, proving that they are here;
 * answers its receipt, or undefined when they must be sent: whatever else went wrong, the upload
 * meets it too. Throws `AppError` (cancelled) when the signal aborts.
 */
export async function possess(
  context: TransferContext,
  file: TusFile,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  if (file.size < minFileBytes || context.state.transfer(file.recordKey)) return undefined
  try {
    const digest = await fileDigest(file.path, signal)
    const challenge = await ask(context, file, digest, signal)
    const body = { proof: await proofOf(file.path, challenge) }
    const url = new URL(`/possessions/${challenge.id}`, file.endpoint)
    const answer = await twice(() => post(context, url, body, signal))
    answer.body.resume()
    const receipt = header(answer, 'parley-receipt')
    return jwtClaims(receipt)['digest'] === digest ? receipt : undefined
  } catch {
    if (!signal?.aborted) return undefined
    throw new AppError('cancelled', 'CANCELLED', 'the transfer was cancelled')
  }
}

async function ask(
  context: TransferContext,
  { endpoint, name, size }: TusFile,
  digest: string,
  signal: AbortSignal | undefined,
): Promise<Challenge> {
  const body = { digest, sizeBytes: size, name }
  const answer = await post(context, new URL('/possessions', endpoint), body, signal)
  return readChallenge(answer.body, size)
}

async function post(
  { tokens }: TransferContext,
  url: URL,
  body: unknown,
  signal: AbortSignal | undefined,
): Promise<HttpAnswer> {
  const bytes = Buffer.from(JSON.stringify(body))
  const headers = {
    Authorization: `Bearer ${await tokens.access()}`,
    'Content-Type': 'application/json',
    'Content-Length': String(bytes.length),
  }
  const sent = Readable.from([bytes])
  const answer = await askHttp({ method: 'POST', url, headers, body: sent, signal })
  if (answer.status === 201) return answer
  throw await httpError(answer)
}

// A right proof may be repeated, so an answer that got lost costs nothing.
async function twice<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (!isAppError(error) || error.reason !== 'CONNECTION_FAILED') throw error
    return run()
  }
}

async function proofOf(path: string, { nonce, ranges }: Challenge): Promise<string> {
  const file = await open(path, 'r')
  try {
    const hasher = Blake3Hasher.newKeyed(Blake3Hasher.deriveKey(proofContext, nonce))
    for (const { start, end } of ranges) hasher.update(await readRange(file, start, end))
    return hasher.digestBuffer().toString('hex')
  } finally {
    await file.close()
  }
}

async function readRange(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.alloc(end - start)
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, start + done)
    if (bytesRead === 0) throw new AppError('corrupt', 'FILE_CUT', 'the file has become shorter')
    done += bytesRead
  }
  return bytes
}
