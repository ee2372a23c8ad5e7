import { AppError } from '@parley/errors'
import { KeyedRate } from '@parley/service-kit'
import type { Rate, Scheduler } from '@parley/service-kit'
import { FailureBook } from './failure-book.ts'

/** How often who may do what; `rateFactor` multiplies all but the last. */
export const rateLimits = {
  registrationsOfAddress: { perSecond: 0.2, burst: 50 },
  registrations: { perSecond: 5, burst: 200 },
  loginsOfAddress: { perSecond: 1, burst: 100 },
  logins: { perSecond: 20, burst: 200 },
  refreshesOfAddress: { perSecond: 20, burst: 500 },
  searchesOfUser: { perSecond: 2, burst: 60 },
  approachesOfUser: { perSecond: 1, burst: 500 },
  callsOfUser: { perSecond: 50, burst: 300 },
} as const satisfies Record<string, Rate>

/** Keeps callers from trying too often; every method throws `AppError` rate-limited RATE_LIMITED. */
export interface Rates {
  register(address: string): void
  /** Before a password is looked at: too many tries, or too soon after wrong ones from there. */
  login(address: string, nameKey: string): void
  loginFailed(address: string, nameKey: string): void
  loginSucceeded(address: string, nameKey: string): void
  /** Refreshes of logins and ends of them. */
  refresh(address: string): void
  /** So many others are asked by a user: to become a contact, to come into a group. */
  approach(user: number, others: number): void
  /** A search costs the thread that reads up to a tenth of a second. */
  search(user: number): void
  /** Any other call of a user. */
  call(user: number): void
}

/** Rates kept in memory. */
export function memoryRates(scheduler: Scheduler, rateFactor = 1): Rates {
  const limiter = (rate: Rate, factor = rateFactor) => {
    const { perSecond, burst } = rate
    const limit = new KeyedRate({ perSecond: perSecond * factor, burst: burst * factor })
    return (key: string, count = 1) => limit.take(key, scheduler.monotonic(), count)
  }
  const registrationsOf = limiter(rateLimits.registrationsOfAddress)
  const registrations = limiter(rateLimits.registrations)
  const loginsOf = limiter(rateLimits.loginsOfAddress)
  const logins = limiter(rateLimits.logins)
  const refreshesOf = limiter(rateLimits.refreshesOfAddress)
  const approaches = limiter(rateLimits.approachesOfUser)
  const searches = limiter(rateLimits.searchesOfUser)
  const calls = limiter(rateLimits.callsOfUser, 1)
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
    approach: (user, others) => check(approaches(String(user), others)),
    search: (user) => check(searches(String(user))),
    call: (user) => check(calls(String(user))),
  }
}

function check(waitMs: number): void {
  if (waitMs === 0) return
  const message = `too many tries, wait ${Math.ceil(waitMs / 1000)} s`
  throw new AppError('rate-limited', 'RATE_LIMITED', message, { retryAfterMs: waitMs })
}
