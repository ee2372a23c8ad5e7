import { AppError } from '@parley/errors'
import type { Scheduler } from '@parley/service-kit'
import { LRUCache } from 'lru-cache'
import { TokenBucket } from '../domain/token-bucket.ts'
import { FailureBook } from './failure-book.ts'

/** Keys remembered per limit; the one unheard of longest starts anew. */
const maxKeys = 50_000

interface Limit {
  readonly perSecond: number
  readonly burst: number
}

/** How often who may do what; `rateFactor` multiplies all but the last. */
export const rateLimits = {
  registrationsOfAddress: { perSecond: 0.2, burst: 50 },
  registrations: { perSecond: 5, burst: 200 },
  loginsOfAddress: { perSecond: 1, burst: 100 },
  logins: { perSecond: 20, burst: 200 },
  refreshesOfAddress: { perSecond: 20, burst: 500 },
  approachesOfUser: { perSecond: 1, burst: 500 },
  callsOfUser: { perSecond: 50, burst: 300 },
} as const satisfies Record<string, Limit>

/** Keeps callers from trying too often; every method throws `AppError` rate-limited RATE_LIMITED. */
export interface Rates {
  register(address: string): void
  /** Before a password is looked at: too many tries, or too soon after wrong ones from there. */
  login(address: string, nameKey: string): void
  loginFailed(address: string, nameKey: string): void
  loginSucceeded(address: string, nameKey: string): void
  refresh(address: string): void
  /** So many others are asked by a user: to become a contact, to come into a group. */
  approach(user: number, others: number): void
  /** Any other call of a user. */
  call(user: number): void
}

/** Rates kept in memory. */
export function memoryRates(scheduler: Scheduler, rateFactor = 1): Rates {
  const factored = ({ perSecond, burst }: Limit): Limit => ({
    perSecond: perSecond * rateFactor,
    burst: burst * rateFactor,
  })
  const limiter = (limit: Limit) => buckets(scheduler, limit)
  const registrationsOf = limiter(factored(rateLimits.registrationsOfAddress))
  const registrations = limiter(factored(rateLimits.registrations))
  const loginsOf = limiter(factored(rateLimits.loginsOfAddress))
  const logins = limiter(factored(rateLimits.logins))
  const refreshesOf = limiter(factored(rateLimits.refreshesOfAddress))
  const approaches = limiter(factored(rateLimits.approachesOfUser))
  const calls = limiter(rateLimits.callsOfUser)
  const failures = new FailureBook(scheduler)
  return {
    register(address) {
      check(registrationsOf(address))
      check(registrations(''))
    },
    login(address, nameKey) {
      check(failures.waitMs(`${address} ${nameKey}`))
      check(loginsOf(address))
      check(logins(''))
    },
    loginFailed: (address, nameKey) => failures.add(`${address} ${nameKey}`),
    loginSucceeded: (address, nameKey) => failures.clear(`${address} ${nameKey}`),
    refresh: (address) => check(refreshesOf(address)),
    approach(user, others) {
      for (let i = 0; i < others; i += 1) check(approaches(String(user)))
    },
    call: (user) => check(calls(String(user))),
  }
}

function buckets(scheduler: Scheduler, { perSecond, burst }: Limit): (key: string) => number {
  const known = new LRUCache<string, TokenBucket>({ max: maxKeys })
  return (key) => {
    const nowMs = scheduler.monotonic()
    const bucket = known.get(key) ?? new TokenBucket(perSecond, burst, nowMs)
    known.set(key, bucket)
    return bucket.take(nowMs)
  }
}

function check(waitMs: number): void {
  if (waitMs === 0) return
  const message = `too many tries, wait ${Math.ceil(waitMs / 1000)} s`
  throw new AppError('rate-limited', 'RATE_LIMITED', message, { retryAfterMs: waitMs })
}
