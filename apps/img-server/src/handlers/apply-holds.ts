import { AppError } from '@parley/errors'
import type { common } from '@parley/proto'
import type { ImgServerContext } from '../context.ts'

const maxChanges = 1_000
const maxHolderChars = 128

/** Holds/Apply: notes who needs which image; on disk when it answers, harmless when repeated. */
export function applyHolds(
  ctx: Pick<ImgServerContext, 'store' | 'scheduler'>,
  request: common.HoldsApplyRequest,
): common.HoldsApplyResponse {
  assertBounded(request.changes)
  return { missing: ctx.store.files.applyHolds(request.changes, ctx.scheduler.now()) }
}

function assertBounded(changes: readonly common.HoldChange[]): void {
  if (changes.length > maxChanges) {
    throw new AppError('invalid', 'TOO_MANY_CHANGES', `at most ${maxChanges} changes at once`)
  }
  const holders = changes.map(({ holder }) => holder)
  if (holders.every((holder) => holder !== '' && holder.length <= maxHolderChars)) return
  const message = `a holder has 1 to ${maxHolderChars} characters`
  throw new AppError('invalid', 'HOLDER_MALFORMED', message)
}
