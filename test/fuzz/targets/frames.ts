import { codecsOf } from '../../../apps/relay/src/dialects/web/connect-unary/codecs.ts'
import {
  binaryFrames,
  jsonFrames,
} from '../../../apps/relay/src/dialects/web/websocket/frame-formats.ts'
import { isAppError } from '@parley/errors'
import { frames, jsonFramesText, jsonWords, protobufWords } from '../frames.ts'
import type { Target } from '../target.ts'

const maxGrowthBytes = 8 * 2 ** 20

/** Frames of devices as gRPC and WebSocket carry them. */
export const binaryFrameParser: Target = {
  name: 'protobuf frames',
  weight: 15,
  maxGrowthBytes,
  open: () => ({
    sessions: frames,
    words: protobufWords,
    try: (input) => (binaryFrames.decode(input, true) ? 'a frame' : 'none'),
  }),
}

/** Frames of devices as people write them. */
export const jsonFrameParser: Target = {
  name: 'JSON frames',
  weight: 10,
  maxGrowthBytes,
  open() {
    const format = jsonFrames()
    return {
      sessions: jsonFramesText,
      words: jsonWords,
      try: (input) => (format.decode(input, false) ? 'a frame' : 'none'),
    }
  },
}

const bodies = [
  '{"name":"ann","password":"correct horse","deviceName":"browser"}',
  '{"name":"\\u00e4nn","password":"","unknown":{"a":[1,2,{"b":null}]}}',
].map((text) => Buffer.from(text))

/** Bodies of calls over HTTP. */
export const connectBodyParser: Target = {
  name: 'Connect bodies',
  weight: 8,
  maxGrowthBytes,
  open() {
    const codec = codecsOf('/parley.chat.v1.Accounts/Login').get('application/json')
    if (codec === undefined) throw new Error('there is no JSON codec')
    return {
      sessions: bodies,
      words: jsonWords,
      try(input) {
        try {
          codec.toBytes(input)
          return 'a request'
        } catch (error) {
          if (isAppError(error) && error.reason === 'REQUEST_MALFORMED') return 'refused'
          throw error
        }
      },
    }
  },
}
