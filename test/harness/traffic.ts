import { systemScheduler } from '@parley/service-kit'

/** Messages that flow whether or not earlier ones were answered. */
export interface Traffic {
  /** How long it has flowed. */
  seconds(): number
  /** Sends no more and waits for all answers. */
  stop(): Promise<void>
}

const periodMs = 10

/** Somebody who has always something to say, and hears what came of it. */
interface Speaker {
  say(): Promise<unknown>
}

/** Each talker in turn says the next message, so many a second in all. */
export function openTraffic(talkers: readonly Speaker[], perSecond: number): Traffic {
  const startedMs = performance.now()
  let sent = 0
  let endedMs: number | undefined
  const underWay = new Set<Promise<unknown>>()
  const timer = systemScheduler.every(periodMs, () => {
    const due = Math.floor(((performance.now() - startedMs) / 1000) * perSecond)
    for (; sent < due; sent += 1) {
      const say = talkers[sent % talkers.length]?.say() ?? Promise.resolve()
      underWay.add(say)
      void say.finally(() => underWay.delete(say))
    }
  })
  return {
    seconds: () => ((endedMs ?? performance.now()) - startedMs) / 1000,
    async stop() {
      timer.cancel()
      endedMs = performance.now()
      await Promise.all(underWay)
    },
  }
}
