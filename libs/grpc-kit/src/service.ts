import type { Server, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js'
import { MalformedRequest } from './malformed.ts'

/** A service as a server takes it: what is on the wire and who answers. */
export interface GrpcService {
  readonly definition: ServiceDefinition
  readonly implementation: UntypedServiceImplementation
}

/** What ts-proto generates for a message. */
export interface Codec {
  encode(message: unknown): { finish(): Uint8Array }
}

/** The messages of a method whose bytes should not be copied. */
export interface MethodCodecs {
  readonly request?: Codec
  readonly response?: Codec
}

/** Joins a generated definition with its handlers; bytes that cannot be decoded become an answer. */
export function grpcService<T extends UntypedServiceImplementation>(
  definition: ServiceDefinition,
  implementation: T,
): GrpcService {
  return { definition: answeringDecodeErrors(definition), implementation }
}

/**
 * A generated definition that lets a pre-encoded Buffer through where a message would be
 * serialised, and for the methods named in `codecs` hands on the encoder's bytes without the copy
 * that ts-proto makes.
 */
export function rawService<D extends ServiceDefinition>(
  definition: D,
  codecs?: { readonly [K in keyof D]?: MethodCodecs },
): D {
  const byName: Readonly<Record<string, MethodCodecs | undefined>> = codecs ?? {}
  const methods = Object.entries(definition).map(([name, method]) => {
    const own = byName[name] ?? {}
    const raw = {
      ...method,
      requestSerialize: serializer(method.requestSerialize, own.request),
      responseSerialize: serializer(method.responseSerialize, own.response),
    }
    return [name, raw]
  })
  return Object.fromEntries(methods) as D
}

/** The bytes of a message, made once, to be written to any number of streams of a `rawService`. */
export function encodeOnce(codec: Codec, message: unknown): Buffer {
  const bytes = codec.encode(message).finish()
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Adds services to a server that was made by hand. */
export function addServices(server: Server, services: readonly GrpcService[]): void {
  for (const service of services) server.addService(service.definition, service.implementation)
}

type Serialize = (value: unknown) => Buffer

function serializer(original: Serialize, codec: Codec | undefined): Serialize {
  const serialize: Serialize = codec ? (message) => encodeOnce(codec, message) : original
  return (message) => (Buffer.isBuffer(message) ? message : serialize(message))
}

// grpc-js would answer INTERNAL; the handlers' adapters answer INVALID_ARGUMENT instead.
function answeringDecodeErrors(definition: ServiceDefinition): ServiceDefinition {
  const methods = Object.entries(definition).map(([name, method]) => {
    const requestDeserialize = (bytes: Buffer): unknown => {
      try {
        return method.requestDeserialize(bytes)
      } catch (error) {
        return new MalformedRequest(error)
      }
    }
    return [name, { ...method, requestDeserialize }]
  })
  return Object.fromEntries(methods) as ServiceDefinition
}
