import { request as plainRequest } from 'node:http'
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { request as tlsRequest } from 'node:https'
import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { AppError, errorKinds } from '@parley/errors'
import type { ErrorKind } from '@parley/errors'

/** One HTTP request. */
export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** Closed by this request, however it ends. */
  readonly body?: Readable
  readonly signal: AbortSignal | undefined
}

/** The beginning of an answer; its body is still to be read. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: IncomingMessage
}

// An image is made before its upload is answered, which may take a while.
const silenceLimitMs = 60_000
const maxErrorBytes = 16 * 1024

/**
 * Asks once; rejects with `AppError` (unavailable) when the server cannot be reached or is silent
 * for a minute, (cancelled) when the signal aborts, or with what reading the body threw.
 */
export function askHttp(request: HttpRequest): Promise<HttpAnswer> {
  const { method, url, headers, body, signal } = request
  const start = url.protocol === 'https:' ? tlsRequest : plainRequest
  return new Promise((resolve, reject) => {
    const call = start(url, { method, headers: { ...headers }, timeout: silenceLimitMs })
    const abort = () => call.destroy(cancelled())
    const done = () => {
      signal?.removeEventListener('abort', abort)
      body?.destroy()
    }
    call.once('timeout', () => call.destroy(silent()))
    call.once('error', (error) => {
      done()
      reject(unreachable(error))
    })
    call.once('close', done)
    call.once('response', (answer) => {
      if (body && !body.readableEnded) stopSending(call, body, answer)
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: answer })
    })
    body?.once('error', (error) => call.destroy(error))
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted) abort()
    else if (body) body.pipe(call)
    else call.end()
  })
}

// It was refused before all of it came: what is not sent yet need not be.
function stopSending(call: ClientRequest, body: Readable, answer: IncomingMessage): void {
  body.unpipe(call)
  body.destroy()
  answer.once('close', () => call.destroy())
}

/** Reads an answer to its end without keeping it: from then on its connection serves the next one. */
export async function drained({ body }: HttpAnswer): Promise<void> {
  // The status has said everything; what else goes wrong is met by the next request.
  await finished(body.resume()).catch(() => undefined)
}

/** What an answer other than 2xx says, as an `AppError`; its body is read. */
export async function httpError(answer: HttpAnswer): Promise<AppError> {
  const { reason, message } = reasonIn(await errorText(answer.body))
  const after = Number(answer.headers['retry-after'] ?? Number.NaN)
  const options = Number.isFinite(after) ? { retryAfterMs: after * 1_000 } : {}
  const words = message || `the server answered ${answer.status}`
  return new AppError(kindOf(answer.status), reason || `HTTP_${answer.status}`, words, options)
}

/** One header as a text, empty when it is not there. */
export function header(answer: HttpAnswer, name: string): string {
  const value = answer.headers[name]
  return typeof value === 'string' ? value : ''
}

async function errorText(body: IncomingMessage): Promise<string> {
  let text = ''
  try {
    for await (const chunk of body.setEncoding('utf8')) {
      text += String(chunk)
      if (text.length > maxErrorBytes) break
    }
  } catch {
    // The status alone tells enough.
  }
  return text
}

function reasonIn(text: string): { reason: string; message: string } {
  try {
    const { error } = JSON.parse(text) as { error?: { reason?: unknown; message?: unknown } }
    const reason = typeof error?.reason === 'string' ? error.reason : ''
    const message = typeof error?.message === 'string' ? error.message : ''
    return { reason: /^[A-Z][A-Z0-9_]{1,63}$/.test(reason) ? reason : '', message }
  } catch {
    return { reason: '', message: '' }
  }
}

// Statuses that tus or a proxy uses beside our own.
const kinds: Readonly<Record<number, ErrorKind>> = {
  408: 'unavailable',
  410: 'not-found',
  416: 'precondition',
  423: 'unavailable',
  460: 'corrupt',
  502: 'unavailable',
}

function kindOf(status: number): ErrorKind {
  const own = Object.entries(errorKinds).find(([, code]) => code === status)?.[0]
  return kinds[status] ?? (own as ErrorKind | undefined) ?? 'internal'
}

function unreachable(cause: Error): AppError {
  if (cause instanceof AppError) return cause
  const message = `the connection failed: ${cause.message}`
  return new AppError('unavailable', 'CONNECTION_FAILED', message, { cause })
}

function silent(): AppError {
  return new AppError('unavailable', 'SERVER_SILENT', 'the server has gone silent')
}

function cancelled(): AppError {
  return new AppError('cancelled', 'CANCELLED', 'the transfer was cancelled')
}
