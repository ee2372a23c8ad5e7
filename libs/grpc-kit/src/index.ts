import './quiet.ts'

export { bidi } from './bidi.ts'
export type { BidiHandler } from './bidi.ts'
export { callInfo, failedCall } from './call-info.ts'
export type { CallContext, CallInfo } from './call-info.ts'
export { clientChannelOptions, openClient, unaryClient } from './client.ts'
export type {
  CallSettings,
  ClientClass,
  OpenClient,
  OpenClientOptions,
  UnaryCalls,
} from './client.ts'
export { healthService } from './health.ts'
export { MalformedRequest, decoded } from './malformed.ts'
export {
  bearerMetadata,
  bearerToken,
  keyMetadata,
  operatorKeyHeader,
  serviceKeyHeader,
} from './metadata.ts'
export { readStream } from './read-stream.ts'
export { requireKey } from './require-key.ts'
export { makeGrpcServer, startGrpcServer } from './server.ts'
export type { GrpcLimits, GrpcServer, GrpcServerOptions } from './server.ts'
export { addServices, encodeOnce, grpcService, rawService } from './service.ts'
export type { Codec, GrpcService, MethodCodecs } from './service.ts'
export {
  appErrorFromGrpc,
  grpcCode,
  grpcStatus,
  reasonTrailer,
  retryAfterTrailer,
} from './status.ts'
export { StreamWriter } from './stream-writer.ts'
export type { StreamWriterOptions, WritableCall } from './stream-writer.ts'
export { unary } from './unary.ts'
export type { UnaryHandler } from './unary.ts'
export { unaryMethods } from './unary-methods.ts'
export type { UnaryAnswer, UnaryMethod } from './unary-methods.ts'
export { openSigningKeys, signingKeysService } from './signing-keys.ts'
export type { PeerSigningKeys } from './signing-keys.ts'
