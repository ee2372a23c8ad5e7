import { chat } from '@parley/proto'
import { jsonForm } from '@parley/proto/json'
import { maxRequestBytes } from '../../../session/connection-limits.ts'

/** Reading JSON costs ten times what reading bytes does: 20 ms for this much, on a slow day. */
const maxEarlyJsonBytes = 64 * 1024

/** How frames travel in the messages of a socket. */
export interface FrameFormat {
  /** A frame of a device; undefined for a message that is none. */
  decode(message: Buffer, isBinary: boolean): chat.ConnectRequest | undefined
  /** A frame of the server, as the bytes of a message. */
  encode(frame: Buffer): Buffer
  /** Whether messages are bytes; they are text else. */
  readonly isBinary: boolean
  /** The longest message of somebody who has not shown a token yet. */
  readonly maxEarlyBytes: number
}

/** Frames as binary messages, the same bytes as over gRPC. */
export const binaryFrames: FrameFormat = {
  decode: (message, isBinary) => (isBinary ? decoded(() => message) : undefined),
  encode: (frame) => frame,
  isBinary: true,
  maxEarlyBytes: maxRequestBytes,
}

/** Frames as text messages in the JSON of proto3, for people and for tools without protobuf. */
export function jsonFrames(): FrameFormat {
  const [request, response] = [
    jsonForm('parley.chat.v1.ConnectRequest'),
    jsonForm('parley.chat.v1.ConnectResponse'),
  ]
  return {
    decode: (message, isBinary) =>
      isBinary ? undefined : decoded(() => request.toBytes(message.toString())),
    encode: (frame) => Buffer.from(response.toText(frame)),
    isBinary: false,
    maxEarlyBytes: maxEarlyJsonBytes,
  }
}

function decoded(bytes: () => Uint8Array): chat.ConnectRequest | undefined {
  try {
    return chat.ConnectRequest.decode(bytes())
  } catch {
    return undefined
  }
}
