import { chat } from '@parley/proto'
import { jsonForm } from '@parley/proto/json'

/** How frames travel in the messages of a socket. */
export interface FrameFormat {
  /** A frame of a device; undefined for a message that is none. */
  decode(message: Buffer, isBinary: boolean): chat.ConnectRequest | undefined
  /** A frame of the server: bytes, or text. */
  encode(frame: Buffer): Buffer | string
}

/** Frames as binary messages, the same bytes as over gRPC. */
export const binaryFrames: FrameFormat = {
  decode: (message, isBinary) => (isBinary ? decoded(() => message) : undefined),
  encode: (frame) => frame,
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
    encode: (frame) => response.toText(frame),
  }
}

function decoded(bytes: () => Uint8Array): chat.ConnectRequest | undefined {
  try {
    return chat.ConnectRequest.decode(bytes())
  } catch {
    return undefined
  }
}
