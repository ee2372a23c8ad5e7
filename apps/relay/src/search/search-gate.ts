import { Gate } from '../domain/gate.ts'

/** The gate before searches: two share the thread that reads, and 32 wait for at most some 2 s. */
export function searchGate(): Gate {
  return new Gate({ atOnce: 2, waiting: 32, full: 'too many searches at this moment, try again' })
}
