/** A range of a log that a user may see, both ends included; `to` is Infinity while the stay lasts. */
interface Stay {
  readonly from: number
  to: number
}

/** Where a session stands in one conversation: a cursor over its log. */
export interface Place {
  readonly conversation: number
  readonly publicId: Uint8Array
  readonly epoch: number
  /** 1 direct, 2 group, 3 notices. */
  readonly kind: number
  readonly title: string
  readonly peerId: Uint8Array | undefined
  readonly peerName: string
  /** The user has blocked the other of this direct conversation, whose doings are not told then. */
  isBlocked: boolean
  /** The device of this session is ready for a path to the other that needs no server. */
  offersDirect: boolean
  /** Ascending. */
  readonly stays: Stay[]
  /** Everything up to here has been sent to the device, or never will be. */
  sent: number
  /** What the device has acknowledged in this session. */
  acked: number
  /** The newest entry known to exist. */
  head: number
  /** The stays are known to be complete for entries up to here, on a store that others write too. */
  vouched: number
  /** The device has been told what this conversation is. */
  announced: boolean
  /** Set while the place is being followed by reading the log instead of live. */
  behind: boolean
}

/** What to do next for a place. */
export type Step =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'gap'; readonly from: number; readonly to: number }
  | { readonly kind: 'read'; readonly from: number; readonly to: number }

/** The next range to send: entries that may be seen, or a gap that may not. */
export function nextStep(place: Place): Step {
  const from = place.sent + 1
  if (from > place.head) return { kind: 'nothing' }
  const stay = place.stays.find((each) => each.to >= from)
  if (stay === undefined) return { kind: 'nothing' }
  if (stay.from > from) {
    return { kind: 'gap', from, to: Math.min(stay.from - 1, place.head) }
  }
  return { kind: 'read', from, to: Math.min(stay.to, place.head) }
}

/** The newest entry that may ever be sent for this place, as far as known. */
export function visibleHead(place: Place): number {
  return Math.min(place.head, place.stays.at(-1)?.to ?? 0)
}

/**
 * Takes in stays as the database has them. What has ended here stays ended: an end never changes,
 * and this may be newer than the answer.
 */
export function mergeStays(place: Place, stays: readonly Stay[]): void {
  for (const { from, to } of stays) {
    const known = place.stays.find((stay) => stay.from === from)
    if (known === undefined) place.stays.push({ from, to })
    else known.to = Math.min(known.to, to)
  }
  place.stays.sort((one, other) => one.from - other.from)
}

/** True when entry `seq`, just written, can be sent without reading the log. */
export function isNext(place: Place, seq: number): boolean {
  if (place.behind || place.sent !== seq - 1) return false
  const stay = place.stays.at(-1)
  // Of somebody who has come back the return may be known before what was written while away.
  return stay !== undefined && stay.to === Infinity && stay.from <= seq
}
