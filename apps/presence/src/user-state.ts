import type { presence as wire } from '@parley/proto'
import type { PresenceContext } from './context.ts'
import type { Transition } from './domain/users.ts'
import { keyId } from './ids.ts'
import { presenceLimits } from './limits.ts'

/** A user's state as it goes on the wire. */
export function userState(transition: Transition): wire.UserState {
  const { userId, state, sinceMs } = transition
  return { userId: keyId(userId), state, sinceMs }
}

/** Whether every relay that can reach this process has had the time to report to it. */
export function isSettled(ctx: Pick<PresenceContext, 'scheduler' | 'startedAtMs'>): boolean {
  return ctx.scheduler.monotonic() - ctx.startedAtMs >= presenceLimits.leaseMs
}
