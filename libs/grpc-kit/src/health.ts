import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire'
import type { ServiceDefinition } from '@grpc/grpc-js'
import { AppError } from '@parley/errors'
import type { Health } from '@parley/service-kit'
import type { CallContext } from './call-info.ts'
import { grpcService } from './service.ts'
import type { GrpcService } from './service.ts'
import { unary } from './unary.ts'

const serving = 1
const notServing = 2

// An object, for grpc-js takes a request that is falsy, as '' is, for none at all.
interface CheckRequest {
  readonly service: string
}

// grpc.health.v1 by hand: one string in, one enum out. The published package reads its .proto from
// disk at run time, which a bundle does not have.
const definition: ServiceDefinition = {
  check: {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    requestSerialize: (request: CheckRequest) =>
      Buffer.from(new BinaryWriter().uint32(10).string(request.service).finish()),
    requestDeserialize: readRequest,
    responseSerialize: (state: number) => Buffer.from([0x08, state]),
    responseDeserialize: (bytes: Buffer) => bytes[1] ?? 0,
  },
}

/**
 * The standard health service: the empty name is the process, which serves while it answers; any
 * other name is one of its checks, NOT_FOUND when there is none.
 */
export function healthService(ctx: CallContext, health: Health): GrpcService {
  const check = unary<CheckRequest, number>(ctx, async ({ service }) => {
    if (service === '') return serving
    const state = (await health.report()).checks[service]
    if (state === undefined) throw new AppError('not-found', 'CHECK_UNKNOWN', 'no such check')
    return state === 'ok' ? serving : notServing
  })
  return grpcService(definition, { check })
}

function readRequest(bytes: Buffer): CheckRequest {
  const reader = new BinaryReader(bytes)
  let service = ''
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag()
    if (field === 1) service = reader.string()
    else reader.skip(wireType)
  }
  return { service }
}
