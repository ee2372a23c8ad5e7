import type { SeenEntry } from '../events.ts'
import type { Facts, Invariant } from '../facts.ts'
import { isRefused, sendKey } from '../sends.ts'
import type { Send } from '../sends.ts'

/** I2: nothing is stored or shown that was not sent as it stands; nothing refused appears. */
export const nothingForeign: Invariant = (facts) => {
  const judged = new Set<string>()
  const told: string[] = []
  const judge = (entry: SeenEntry, conversation: string, seq: number) => {
    const stored = facts.truth.get(conversation)?.entries.get(seq)
    // The same words in the same place are judged once, however many saw them.
    if (stored !== undefined && stored !== entry && isSame(entry, stored)) return
    const mark = `${conversation} ${seq} ${entry.sender} ${entry.id} ${entry.kind} ${entry.body}`
    if (judged.has(mark)) return
    judged.add(mark)
    const fault = faultOf(facts, entry, conversation, seq)
    if (fault !== undefined) told.push(`${conversation} ${seq}: ${fault}`)
  }
  for (const { conversation, entries } of facts.truth.values()) {
    for (const [seq, entry] of entries) judge(entry, conversation, seq)
  }
  for (const event of facts.events) {
    if (event.f !== 'entries') continue
    event.entries.forEach((entry, i) => judge(entry, event.conversation, event.first + i))
  }
  return told
}

function isSame(one: SeenEntry, other: SeenEntry): boolean {
  return (
    one.id === other.id &&
    one.sender === other.sender &&
    one.kind === other.kind &&
    one.body === other.body &&
    one.target === other.target &&
    one.replyTo === other.replyTo
  )
}

function faultOf(facts: Facts, entry: SeenEntry, conversation: string, seq: number) {
  // Entries of the server have no message id.
  if (entry.id === '') return undefined
  const send = facts.sends.get(sendKey(entry.sender, entry.id))
  const words = entry.body || entry.kind
  if (send === undefined) return `${words} was never sent by ${entry.sender}`
  if (isRefused(send)) return `${words} was refused`
  if (entry.kind === 'erased') return erasedFault(facts, send, conversation, seq)
  const { kind, body, target, replyTo } = send.invoked
  if (kind !== entry.kind || body !== entry.body) return `${body || kind} became ${words}`
  const isAbout = (entry.target ?? 0) === (target ?? 0) && (entry.replyTo ?? 0) === (replyTo ?? 0)
  return isAbout ? undefined : `${words} points elsewhere than it was sent to`
}

/** A recall erases what it is about, and the edits of that. */
function erasedFault(
  { truth }: Facts,
  { invoked }: Send,
  conversation: string,
  seq: number,
): string | undefined {
  const log = truth.get(conversation)
  if (log === undefined) return undefined
  // An erased edit does not say any more what it was about, but its sender did.
  const about = invoked.kind === 'edit' ? (invoked.target ?? 0) : seq
  return recalled(log.entries).has(about) ? undefined : 'is erased, but nobody has taken it back'
}

const known = new WeakMap<ReadonlyMap<number, SeenEntry>, ReadonlySet<number>>()

/** What recalls are about. */
function recalled(entries: ReadonlyMap<number, SeenEntry>): ReadonlySet<number> {
  const before = known.get(entries)
  if (before !== undefined) return before
  const targets = new Set<number>()
  for (const { kind, target } of entries.values()) if (kind === 'recall') targets.add(target ?? 0)
  known.set(entries, targets)
  return targets
}
