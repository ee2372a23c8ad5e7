import type { EventOf } from '../events.ts'
import type { Facts, Invariant } from '../facts.ts'
import { sendKey } from '../sends.ts'
import type { StoredLog } from '../truth.ts'
import { maySee } from '../truth.ts'

/**
 * I24: a message that comes directly and by the server is shown once by each device, and not lost by
 * either; what was shown before it was stored is stored in the end, or doubted; and nobody's words
 * are shown who has not said them.
 */
export const twoWays: Invariant = (facts) => {
  const shown = facts.events.filter((event) => event.f === 'shown')
  const byDevice = Map.groupBy(shown, ({ device }) => device)
  return [...byDevice].flatMap(([device, all]) => [
    ...shownTwice(device, all),
    ...foreign(facts, device, all),
    ...neverStored(facts, device, all),
    ...neverShown(facts, device, all),
  ])
}

type Shown = EventOf<'shown'>
const keyOf = ({ sender, id }: { readonly sender: string; readonly id: string }) =>
  sendKey(sender, id)

function shownTwice(device: string, all: readonly Shown[]): string[] {
  const groups = [...Map.groupBy(all, keyOf).values()].filter(({ length }) => length > 1)
  return groups.map((group) => {
    const ways = group.map(({ way }) => way).join(', ')
    return `${device} showed ${group[0]?.body} ${group.length} times: ${ways}`
  })
}

function foreign({ sends }: Facts, device: string, all: readonly Shown[]): string[] {
  const direct = all.filter(({ way }) => way === 'direct')
  return direct.flatMap((one) => {
    const send = sends.get(keyOf(one))
    if (send === undefined) return [`${device} showed ${one.body}, which ${one.sender} never said`]
    if (send.invoked.body === one.body) return []
    return [`${device} showed ${one.body} for what was ${send.invoked.body}`]
  })
}

function neverStored({ events, truth }: Facts, device: string, all: readonly Shown[]): string[] {
  const doubts = events.filter((event) => event.f === 'doubt' && event.device === device)
  const doubted = new Set(doubts.map((event) => (event.f === 'doubt' ? event.id : '')))
  return all.flatMap((one) => {
    const log = truth.get(one.conversation)
    if (log === undefined || one.way !== 'direct' || doubted.has(one.id)) return []
    return storedKeys(log).has(keyOf(one))
      ? []
      : [`${device} showed ${one.body}, which is not stored, and did not doubt it`]
  })
}

/** Of the conversations of which the device has shown something: what others have said after that. */
function neverShown({ truth }: Facts, device: string, all: readonly Shown[]): string[] {
  const [first] = all
  if (first === undefined) return []
  const has = new Set(all.map(keyOf))
  const conversations = new Set(all.map(({ conversation }) => conversation))
  return [...conversations].flatMap((conversation) => {
    const log = truth.get(conversation)
    if (log === undefined) return []
    const missing = [...log.entries].filter(([seq, entry]) => {
      if (entry.kind !== 'text' || entry.sender === first.user) return false
      return maySee(log, first.user, seq) && !has.has(keyOf(entry))
    })
    return missing.map(([seq, { body }]) => `${device} never showed ${body}, number ${seq}`)
  })
}

const known = new WeakMap<StoredLog, ReadonlySet<string>>()

function storedKeys(log: StoredLog): ReadonlySet<string> {
  const before = known.get(log)
  if (before !== undefined) return before
  const keys = new Set([...log.entries.values()].map(keyOf))
  known.set(log, keys)
  return keys
}
