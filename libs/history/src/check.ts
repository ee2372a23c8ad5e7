import type { HistoryEvent } from './events.ts'
import { readFacts } from './facts.ts'
import type { Invariant } from './facts.ts'
import { noneLost } from './invariants/i01-none-lost.ts'
import { nothingForeign } from './invariants/i02-nothing-foreign.ts'
import { storedOnce } from './invariants/i03-stored-once.ts'
import { toldOnce } from './invariants/i04-told-once.ts'
import { sameForEverybody } from './invariants/i05-same-for-everybody.ts'
import { noGaps } from './invariants/i06-no-gaps.ts'
import { strictlyIncreasing } from './invariants/i07-strictly-increasing.ts'
import { orderOfSenders } from './invariants/i08-order-of-senders.ts'
import { orderInTime } from './invariants/i09-order-in-time.ts'
import { replyAfterOriginal } from './invariants/i10-reply-after-original.ts'
import { ownSeenAnywhere } from './invariants/i11-own-seen-anywhere.ts'
import { membersOnly } from './invariants/i12-members-only.ts'
import { backlogComplete } from './invariants/i13-backlog-complete.ts'
import { presenceConverges } from './invariants/i14-presence-converges.ts'
import { noneDangling, offsetIsTruth, uploadsAreKept } from './invariants/i15-uploads.ts'
import { nobodyElseReads } from './invariants/i19-nobody-else-reads.ts'
import { revocation } from './invariants/i20-revocation.ts'
import { backToNormal } from './invariants/i21-back-to-normal.ts'
import { answeredInTime } from './invariants/i22-answered-in-time.ts'
import { convergence } from './invariants/i23-convergence.ts'
import { twoWays } from './invariants/i24-two-ways.ts'

/** Every invariant that a history can decide, by its name in docs/delivery.md. */
export const invariants: Readonly<Record<string, Invariant>> = {
  I1: noneLost,
  I2: nothingForeign,
  I3: storedOnce,
  I4: toldOnce,
  I5: sameForEverybody,
  I6: noGaps,
  I7: strictlyIncreasing,
  I8: orderOfSenders,
  I9: orderInTime,
  I10: replyAfterOriginal,
  I11: ownSeenAnywhere,
  I12: membersOnly,
  I13: backlogComplete,
  I14: presenceConverges,
  I15: uploadsAreKept,
  I16: offsetIsTruth,
  I17: noneDangling,
  I19: nobodyElseReads,
  I20: revocation,
  I21: backToNormal,
  I22: answeredInTime,
  I23: convergence,
  I24: twoWays,
}

/** One way in which a history breaks a promise. */
export interface Breach {
  readonly invariant: string
  readonly line: string
}

/** What a history breaks; nothing when every invariant holds. */
export function breaches(events: readonly HistoryEvent[]): Breach[] {
  const facts = readFacts(events)
  return Object.entries(invariants).flatMap(([invariant, check]) =>
    check(facts).map((line) => ({ invariant, line })),
  )
}

/** Breaches as text, at most five of each invariant. */
export function breachLines(found: readonly Breach[], perInvariant = 5): string[] {
  return [...Map.groupBy(found, ({ invariant }) => invariant)].flatMap(([invariant, of]) => {
    const lines = of.slice(0, perInvariant).map(({ line }) => `${invariant}: ${line}`)
    const more = of.length - lines.length
    return more > 0 ? [...lines, `${invariant}: and ${more} more`] : lines
  })
}
