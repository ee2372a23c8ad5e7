import { createHash, timingSafeEqual } from 'node:crypto'
import type { Metadata, UntypedHandleCall } from '@grpc/grpc-js'
import { AppError } from '@parley/errors'
import type { GrpcService } from './service.ts'
import { grpcStatus } from './status.ts'

/**
 * The same service for callers who present `key` under `header` only; others get `AppError`
 * (unauthenticated, KEY_INVALID) before any handler runs.
 */
export function requireKey(service: GrpcService, header: string, key: string): GrpcService {
  const wanted = digest(key)
  const mayCall = (metadata: Metadata) => {
    const given = metadata.get(header)[0]
    return typeof given === 'string' && timingSafeEqual(digest(given), wanted)
  }
  const guarded = Object.entries(service.implementation).map(([name, handle]) => [
    name,
    guardedHandler(handle, mayCall),
  ])
  return { definition: service.definition, implementation: Object.fromEntries(guarded) }
}

interface AnyCall {
  readonly metadata: Metadata
  emit(event: 'error', status: unknown): unknown
}

type AnyHandler = (call: AnyCall, callback?: (status: unknown) => void) => void

function guardedHandler(handle: UntypedHandleCall, mayCall: (metadata: Metadata) => boolean) {
  const next = handle as AnyHandler
  const guarded: AnyHandler = (call, callback) => {
    if (mayCall(call.metadata)) return next(call, callback)
    const refusal = grpcStatus(new AppError('unauthenticated', 'KEY_INVALID', 'wrong or no key'))
    // Calls with one answer have a callback, streams take their status as an error event.
    if (callback) callback(refusal)
    else call.emit('error', refusal)
  }
  return guarded
}

// Digests have one length, so the comparison's time tells nothing of the key's.
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
