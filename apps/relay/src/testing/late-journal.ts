import type { Scheduler } from '@parley/service-kit'
import type { Journal } from '../store/journal.ts'

/** The most turns that an answer is late. */
const maxTurns = 6

/**
 * A journal whose answers travel for some turns after they were true, as between threads: commits are
 * on disk before anybody hears of them, and what is read may have changed when it arrives.
 */
export function lateJournal(scheduler: Scheduler, journal: Journal): Journal {
  const travel = async <T>(answer: Promise<T>): Promise<T> => {
    const told = await answer
    const turns = Math.floor(scheduler.random() * maxTurns)
    for (let i = 0; i < turns; i += 1) {
      await new Promise<void>((resolve) => scheduler.soon(resolve))
    }
    return told
  }
  return {
    commit: (batch) => travel(journal.commit(batch)),
    readLog: (...range) => travel(journal.readLog(...range)),
    ask: (name, args) => travel(journal.ask(name, args)),
    close: () => journal.close(),
  }
}
