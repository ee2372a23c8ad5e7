import { AppError } from '@parley/errors'
import { grpcService, unary } from '@parley/grpc-kit'
import type { CallContext, GrpcService } from '@parley/grpc-kit'
import { common } from '@parley/proto'
import type { Scheduler } from '@parley/service-kit'
import type { Collection } from './collection.ts'
import type { FileRows } from './file-rows.ts'

/** What the holds are applied to, and who waits for them. */
export interface HoldsParts {
  readonly files: FileRows
  readonly collection: Collection
  readonly scheduler: Scheduler
}

/** What the service of holds is given. */
export interface HoldsContext extends CallContext, HoldsParts {}

const maxChanges = 1_000
const maxHolderChars = 128
const maxIdChars = 64

/** The service by which the relay says who needs which file; an answered change is on disk. */
export function holdsService(ctx: HoldsContext): GrpcService {
  const apply = unary<common.HoldsApplyRequest, common.HoldsApplyResponse>(ctx, (request) => {
    const { changes } = request
    if (changes.length > maxChanges) throw invalid(`at most ${maxChanges} changes at once`)
    for (const { id, holder } of changes) {
      if (id === '' || id.length > maxIdChars) throw invalid('an id has 1 to 64 characters')
      if (holder === '' || holder.length > maxHolderChars) {
        throw invalid('a holder has 1 to 128 characters')
      }
    }
    return applyHolds(ctx, request)
  })
  return grpcService(common.HoldsService, { apply })
}

/** Does what the relay has told, in one turn; what is answered is on disk. */
export function applyHolds(
  { files, collection, scheduler }: HoldsParts,
  { changes, complete }: common.HoldsApplyRequest,
): common.HoldsApplyResponse {
  const missing = files.applyHolds(changes, scheduler.now())
  if (complete) collection.allHeard()
  return { missing }
}

function invalid(message: string): AppError {
  return new AppError('invalid', 'HOLD_INVALID', message)
}
