import type { EventOf } from '../events.ts'
import type { Invariant } from '../facts.ts'

const share = 1.1
/**
 * What may remain besides a tenth: connections not yet let go, and what the engine keeps of the young
 * generations of its threads after load (some 220 MiB of a relay on MariaDB were measured). What is
 * held of that is without garbage (some 4 MiB).
 */
const slack = { memory: 320 * 1024 * 1024, held: 64 * 1024 * 1024, descriptors: 24 }

/** I21: memory and descriptors of every part come back to what they were. */
export const backToNormal: Invariant = ({ events }) => {
  const gauges = events.filter((event) => event.f === 'gauge')
  return gauges.flatMap((after) => {
    if (after.when !== 'after') return []
    const before = gauges.find((gauge) => gauge.when === 'before' && isSame(gauge, after))
    if (before === undefined) return []
    const most = before.value * share + slack[after.what]
    if (after.value <= most) return []
    return [`${after.part} has ${after.value} of ${after.what}, it had ${before.value}`]
  })
}

function isSame(one: EventOf<'gauge'>, other: EventOf<'gauge'>): boolean {
  return one.part === other.part && one.what === other.what
}
