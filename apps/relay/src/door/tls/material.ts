import type { Buffer } from 'node:buffer'
import { constants } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import type { SecureContextOptions } from 'node:tls'
import { AppError } from '@parley/errors'

/** The PEM files of a TLS server. */
export interface TlsFiles {
  /** Its certificate, and those between it and its authority. */
  readonly cert: string
  readonly key: string
  /** Who signs the certificates that clients must show; without it none is asked for. */
  readonly clientCa: string | undefined
}

/** What is in the files. */
export interface TlsMaterial {
  readonly cert: Buffer
  readonly key: Buffer
  readonly clientCa: Buffer | undefined
}

/** Reads the files; throws `AppError` (precondition, TLS_UNUSABLE) that names the one that cannot be. */
export async function readMaterial({ cert, key, clientCa }: TlsFiles): Promise<TlsMaterial> {
  return {
    cert: await read('TLS_CERT', cert),
    key: await read('TLS_KEY', key),
    clientCa: clientCa === undefined ? undefined : await read('TLS_CLIENT_CA', clientCa),
  }
}

/** What TLS is made of; throws `AppError` (precondition, TLS_UNUSABLE) when it does not fit together. */
export function contextOptions({ cert, key, clientCa }: TlsMaterial): SecureContextOptions {
  const options = {
    cert,
    key,
    ...(clientCa && { ca: clientCa }),
    minVersion: 'TLSv1.2',
    // Who asks for new keys again and again makes work.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  } as const
  try {
    createSecureContext(options)
  } catch (error) {
    const message = 'what TLS_CERT, TLS_KEY and TLS_CLIENT_CA name does not fit together'
    throw new AppError('precondition', 'TLS_UNUSABLE', message, { cause: error })
  }
  return options
}

/** Whether both are the same, byte for byte. */
export function isSame(one: TlsMaterial, other: TlsMaterial): boolean {
  const sameCa =
    one.clientCa === undefined || other.clientCa === undefined
      ? one.clientCa === other.clientCa
      : one.clientCa.equals(other.clientCa)
  return sameCa && one.cert.equals(other.cert) && one.key.equals(other.key)
}

async function read(variable: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    const message = `${variable}: ${path} cannot be read`
    throw new AppError('precondition', 'TLS_UNUSABLE', message, { cause: error })
  }
}
