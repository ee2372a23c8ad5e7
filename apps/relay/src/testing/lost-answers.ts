import { AppError } from '@parley/errors'
import type { Journal } from '../store/journal.ts'

/** A journal that writes what it is given, and whose answers get lost while a test wants that. */
export function lostAnswers() {
  let areLost = false
  return {
    around: (journal: Journal): Journal => ({
      ...journal,
      async commit(batch) {
        const outcomes = await journal.commit(batch)
        if (areLost) throw new AppError('unavailable', 'STORE_UNAVAILABLE', 'the answer was lost')
        return outcomes
      },
    }),
    lose: (lost: boolean) => void (areLost = lost),
  }
}
