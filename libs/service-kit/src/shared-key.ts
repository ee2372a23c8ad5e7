import { mkdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { AppError } from '@parley/errors'
import { readOrCreateFile } from './durable-file.ts'
import { isLoopback } from './listen.ts'
import { systemScheduler } from './scheduler.ts'
import type { Scheduler } from './scheduler.ts'

/** Which shared key, and how the process came by it. */
export interface SharedKeyRequest {
  /** `internal` between services, `operator` for the operators' command. */
  readonly name: 'internal' | 'operator'
  /** The value of the environment variable, if set. */
  readonly configured: string | undefined
  /** Where the internal server listens. */
  readonly host: string
  readonly dataDir: string
}

/** The file beside a service's data folder in which processes of one machine share a key. */
export function sharedKeyFile(dataDir: string, name: 'internal' | 'operator'): string {
  return join(dirname(resolve(dataDir)), `${name}.key`)
}

/**
 * The key as configured, else, on loopback only, the one in the file beside the data folder, made
 * by whoever comes first; throws `AppError` (precondition, KEY_MISSING) on a public address.
 */
export async function sharedKey(
  request: SharedKeyRequest,
  scheduler: Scheduler = systemScheduler,
): Promise<string> {
  if (request.configured !== undefined) return request.configured
  if (!isLoopback(request.host)) throw missing(request)
  const path = sharedKeyFile(request.dataDir, request.name)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const text = await readOrCreateFile(path, () => newKey(scheduler))
  return text.trim()
}

function newKey(scheduler: Scheduler): string {
  return `${Buffer.from(scheduler.randomBytes(32)).toString('base64url')}\n`
}

function missing(request: SharedKeyRequest): AppError {
  const variable = `${request.name.toUpperCase()}_KEY`
  const message = `${variable} must be set when the internal server listens on ${request.host}`
  return new AppError('precondition', 'KEY_MISSING', message)
}
