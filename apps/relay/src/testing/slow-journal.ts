import type { Journal } from '../store/journal.ts'

/** Answers to the questions of loading sessions, held back by a test; what was asked is answered as of then. */
export interface SlowQuestions {
  readonly around: (journal: Journal) => Journal
  /** The next answer waits, and only that one. */
  holdNext(): void
  /** The answer that is waiting goes out. */
  release(): void
}

/** Puts a hold between sessions and their journal: the answer is read at once, and told later. */
export function slowQuestions(): SlowQuestions {
  let mustHold = false
  let goOn = () => undefined as void
  return {
    around: (journal) => ({
      ...journal,
      async ask(name, args) {
        const answer = await journal.ask(name, args)
        if (!mustHold || name !== 'sessionView') return answer
        mustHold = false
        await new Promise<void>((resolve) => (goOn = resolve))
        return answer
      },
    }),
    holdNext: () => void (mustHold = true),
    release: () => goOn(),
  }
}
