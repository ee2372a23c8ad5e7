import type { Invariant } from '../facts.ts'

/** I6: the numbers of a conversation are 1, 2, 3... */
export const noGaps: Invariant = ({ truth }) =>
  [...truth.values()].flatMap(({ conversation, entries, head }) => {
    for (let seq = 1; seq <= head; seq += 1) {
      if (!entries.has(seq)) return [`${conversation} has no ${seq} but goes on to ${head}`]
    }
    return []
  })
