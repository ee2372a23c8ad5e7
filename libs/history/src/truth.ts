import type { EventOf, HistoryEvent, SeenEntry } from './events.ts'

/** Both ends included; `to` is Infinity while the stay lasts. */
interface VisibleRange {
  readonly from: number
  to: number
}

/** What is stored of one conversation in the end. */
export interface StoredLog {
  readonly conversation: string
  readonly entries: ReadonlyMap<number, SeenEntry>
  readonly head: number
  /** By user, ascending. */
  readonly stays: ReadonlyMap<string, readonly VisibleRange[]>
}

/** What is stored in the end, as it was read back, and who may see which part of it. */
export function readTruth(events: readonly HistoryEvent[]): ReadonlyMap<string, StoredLog> {
  const declared = new Map<string, EventOf<'conversation'>>()
  const entries = new Map<string, Map<number, SeenEntry>>()
  for (const event of events) {
    if (event.f === 'conversation') declared.set(event.conversation, event)
    if (event.f !== 'log') continue
    const log = entries.get(event.conversation) ?? new Map<number, SeenEntry>()
    event.entries.forEach((entry, i) => {
      if (!log.has(event.first + i)) log.set(event.first + i, entry)
    })
    entries.set(event.conversation, log)
  }
  return new Map([...entries].map(([id, log]) => [id, stored(id, log, declared.get(id))]))
}

function stored(
  conversation: string,
  entries: ReadonlyMap<number, SeenEntry>,
  declared: EventOf<'conversation'> | undefined,
): StoredLog {
  let head = 0
  for (const seq of entries.keys()) head = Math.max(head, seq)
  const members = declared?.members ?? []
  const stays = members.length > 0 ? new Map(members.map(whole)) : staysByLog(entries, head)
  return { conversation, entries, head, stays }
}

function whole(user: string): [string, readonly VisibleRange[]] {
  return [user, [{ from: 1, to: Infinity }]]
}

/** A stay begins with the entry that says so and ends with the one that says so. */
function staysByLog(
  entries: ReadonlyMap<number, SeenEntry>,
  head: number,
): ReadonlyMap<string, readonly VisibleRange[]> {
  const stays = new Map<string, VisibleRange[]>()
  for (let seq = 1; seq <= head; seq += 1) {
    const { change, member } = entries.get(seq) ?? {}
    if (member === undefined) continue
    const own = stays.get(member) ?? []
    const last = own.at(-1)
    const isInside = last?.to === Infinity
    if ((change === 'created' || change === 'joined') && !isInside) {
      stays.set(member, [...own, { from: seq, to: Infinity }])
    }
    if ((change === 'left' || change === 'removed') && isInside) last.to = seq
  }
  return stays
}

/** True when a user may see an entry. */
export function maySee(log: StoredLog, user: string, seq: number): boolean {
  return (log.stays.get(user) ?? []).some(({ from, to }) => from <= seq && seq <= to)
}

/** The newest entry up to `seq` that a user may see; 0 for none. */
export function visibleUpTo(log: StoredLog, user: string, seq: number): number {
  let newest = 0
  for (const { from, to } of log.stays.get(user) ?? []) {
    if (from <= seq) newest = Math.max(newest, Math.min(to, seq))
  }
  return newest
}
