import type { Invariant } from '../facts.ts'

/** I7: a device is told growing numbers by each stream, beyond those that it came with. */
export const strictlyIncreasing: Invariant = ({ walks }) =>
  [...walks].flatMap(([{ device, session }, { repeats }]) =>
    repeats.map(
      ({ conversation, seq, level }) =>
        `${device} was told ${conversation} ${seq} after ${level} (${session})`,
    ),
  )
