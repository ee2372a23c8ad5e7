import type { GrpcService } from '@parley/grpc-kit'
import type { Context } from '../context.ts'

/** The services of the public port, beside Chat. */
export function publicServices(_ctx: Context): GrpcService[] {
  return []
}

/** The services of the internal port for other services: behind the service key. */
export function internalServices(_ctx: Context): GrpcService[] {
  return []
}

/** The services of the internal port for operators: behind the operators' key. */
export function operatorServices(_ctx: Context): GrpcService[] {
  return []
}
