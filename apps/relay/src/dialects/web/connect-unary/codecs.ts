import type { IncomingMessage } from 'node:http'
import { AppError } from '@parley/errors'
import { methodForm } from '@parley/proto/json'
import { maxRequestBytes } from '../../../session/connection-limits.ts'

/** Reading JSON costs ten times what reading bytes does. */
const maxJsonBytes = 64 * 1024

/** How the messages of a method travel. */
export interface Codec {
  /** Of the request and of the answer. */
  readonly mediaType: string
  readonly maxBytes: number
  /** The bytes of a request; throws `AppError` (invalid) on what is none. */
  toBytes(body: Buffer): Buffer
  fromBytes(bytes: Buffer): Buffer
}

/** The codecs of one method, by media type. */
export function codecsOf(path: string): ReadonlyMap<string, Codec> {
  return new Map([protoCodec, jsonCodec(path)].map((codec) => [codec.mediaType, codec]))
}

/** What a request is written in, by its `Content-Type`; undefined for what is not read here. */
export function mediaTypeOf({ headers }: IncomingMessage): string | undefined {
  const [type, ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';')
  const isUtf8 = parameters.every((one) => /^\s*charset="?utf-8"?\s*$/.test(one))
  return isUtf8 ? type?.trim() : undefined
}

const protoCodec: Codec = {
  mediaType: 'application/proto',
  maxBytes: maxRequestBytes,
  toBytes: (body) => body,
  fromBytes: (bytes) => bytes,
}

function jsonCodec(path: string): Codec {
  const { request, response } = methodForm(path)
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  return {
    mediaType: 'application/json',
    maxBytes: maxJsonBytes,
    toBytes(body) {
      try {
        return Buffer.from(request.toBytes(utf8.decode(body)))
      } catch (cause) {
        const words = 'the body is not the JSON of this request'
        throw new AppError('invalid', 'REQUEST_MALFORMED', words, { cause })
      }
    },
    fromBytes: (bytes) => Buffer.from(response.toText(bytes)),
  }
}
