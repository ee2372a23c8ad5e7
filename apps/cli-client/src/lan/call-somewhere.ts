import { delay } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import type { Endpoint } from './peers.ts'

// Longer than the longest pause between two announcements.
const lookMs = 3_000
const everyMs = 50

/** What calling somebody takes. */
export interface Calling<T> {
  /** Where they may be now; undefined when they are not here any more. */
  readonly places: () => readonly Endpoint[] | undefined
  readonly call: (place: Endpoint) => Promise<T>
  readonly scheduler: Scheduler
}

/**
 * Calls at each place once until somebody answers who is meant; rejects with why the last call failed.
 * Places that are heard of within 3 s count, too: all known so far may be a stranger's words.
 */
export async function callSomewhere<T>({ places, call, scheduler }: Calling<T>): Promise<T> {
  const endMs = scheduler.monotonic() + lookMs
  const tried = new Set<string>()
  let failure: unknown
  for (;;) {
    // Before looking: a call may take all the time, and what was heard of meanwhile counts.
    const isLast = scheduler.monotonic() >= endMs
    const here = places()
    for (const place of here?.filter((each) => !tried.has(nameOf(each))) ?? []) {
      tried.add(nameOf(place))
      try {
        return await call(place)
      } catch (error) {
        failure = error
      }
    }
    if (here === undefined || isLast) throw failure
    await delay(scheduler, everyMs)
  }
}

function nameOf({ address, port }: Endpoint): string {
  return `${address}:${port}`
}
