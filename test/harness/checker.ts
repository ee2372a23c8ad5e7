import { isAccepted } from './history.ts'
import type { DeviceLog, History, SeenEntry, SendRecord } from './history.ts'

const maxToldPerRule = 5

/** A rule that a history keeps or breaks; answers one line per breach. */
type Rule = (history: History) => string[]

/** What a history breaks, one line per breach (at most five per rule), nothing when it is sound. */
export function breaches(history: History): string[] {
  return Object.entries(rules).flatMap(([name, rule]) => {
    const found = rule(history)
    const told = found.slice(0, maxToldPerRule).map((line) => `${name}: ${line}`)
    return found.length > told.length
      ? [...told, `${name}: and ${found.length - told.length} more`]
      : told
  })
}

const rules: Readonly<Record<string, Rule>> = {
  'nothing acknowledged is lost': lostMessages,
  'nothing appears that was not sent or was refused': foreignMessages,
  'a message is stored once': repeatedMessages,
  'every answer to a message is the same': unsteadyAnswers,
  'numbers have no gaps': gapsInStore,
  'a device is told each entry once and in order': disorderOfDevices,
  'a device is told everything': gapsOfDevices,
  'everybody sees the same': differingEntries,
  'a sender’s order is kept': disorderOfSenders,
  'acknowledged before sent means a lower number': disorderInTime,
}

function lostMessages({ sends, stored }: History): string[] {
  const byPlace = new Map(allStored(stored).map((entry) => [placeOf(entry), entry]))
  return sends.flatMap((send) => {
    const accepted = send.answers.find(isAccepted)
    if (!accepted) return []
    const entry = byPlace.get(`${send.conversationId} ${accepted.seq}`)
    const isThere = entry?.messageId === send.messageId
    return isThere ? [] : [`${send.body} was accepted as ${accepted.seq}, there is ${entry?.body}`]
  })
}

function foreignMessages({ sends, stored }: History): string[] {
  const byId = new Map(sends.map((send) => [idOf(send), send]))
  return allStored(stored).flatMap((entry) => {
    // Entries of the server itself have no message id.
    if (entry.messageId === '') return []
    const send = byId.get(idOf(entry))
    if (!send) return [`${entry.body} at ${entry.seq} was never sent`]
    if (send.answers.some(({ type }) => type === 'refused')) return [`${entry.body} was refused`]
    return send.body === entry.body ? [] : [`${send.body} became ${entry.body}`]
  })
}

function repeatedMessages({ stored }: History): string[] {
  const seen = new Map<string, number>()
  return allStored(stored).flatMap((entry) => {
    if (entry.messageId === '') return []
    const first = seen.get(idOf(entry))
    seen.set(idOf(entry), entry.seq)
    return first === undefined ? [] : [`${entry.body} stands at ${first} and at ${entry.seq}`]
  })
}

function unsteadyAnswers({ sends }: History): string[] {
  return sends.flatMap((send) => {
    const words = send.answers.map((one) => (isAccepted(one) ? `seq ${one.seq}` : 'refused'))
    const isSteady = new Set(words).size <= 1
    return isSteady ? [] : [`${send.body} was answered ${words.join(', ')}`]
  })
}

function gapsInStore({ stored }: History): string[] {
  return [...stored].flatMap(([conversationId, entries]) => {
    const wrong = entries.findIndex((entry, i) => entry.seq !== i + 1)
    if (wrong < 0) return []
    return [`${conversationId} has ${entries[wrong]?.seq} where ${wrong + 1} should be`]
  })
}

function disorderOfDevices({ devices }: History): string[] {
  return devices.flatMap(({ device, entries }) => {
    const last = new Map<string, number>()
    return entries.flatMap(({ conversationId, seq }) => {
      const before = last.get(conversationId) ?? 0
      last.set(conversationId, seq)
      return seq > before ? [] : [`${device} was told ${seq} after ${before}`]
    })
  })
}

function gapsOfDevices({ devices, stored }: History): string[] {
  return devices.flatMap((log) =>
    [...conversationsOf(log)].flatMap((conversationId) => {
      const told = new Set(
        log.entries.filter((e) => e.conversationId === conversationId).map((e) => e.seq),
      )
      const first = Math.min(...told)
      const due = (stored.get(conversationId) ?? []).filter(({ seq }) => seq >= first)
      const missed = due.filter(({ seq }) => !told.has(seq))
      return missed.map(({ seq, body }) => `${log.device} was not told ${seq} (${body})`)
    }),
  )
}

function differingEntries({ devices, stored }: History): string[] {
  const truth = new Map(allStored(stored).map((entry) => [placeOf(entry), entry]))
  return devices.flatMap(({ device, entries }) =>
    entries.flatMap((entry) => {
      if (!stored.has(entry.conversationId)) return []
      const own = truth.get(placeOf(entry))
      const isSame = own?.messageId === entry.messageId && own.body === entry.body
      return isSame ? [] : [`${device} saw ${entry.body} at ${entry.seq}, stored is ${own?.body}`]
    }),
  )
}

function disorderOfSenders({ sends }: History): string[] {
  const last = new Map<string, number>()
  return sends.flatMap((send) => {
    const accepted = send.answers.find(isAccepted)
    if (!accepted) return []
    const key = `${send.senderId} ${send.conversationId}`
    const before = last.get(key) ?? 0
    last.set(key, accepted.seq)
    return accepted.seq > before ? [] : [`${send.body} got ${accepted.seq} after ${before}`]
  })
}

function disorderInTime({ sends }: History): string[] {
  return [...Map.groupBy(sends, (send) => send.conversationId).values()].flatMap((ofOne) => {
    const acks = ofOne.flatMap((send) => send.answers.filter(isAccepted))
    const byTime = acks.toSorted((a, b) => a.at - b.at)
    const invoked = ofOne.toSorted((a, b) => a.invokedAt - b.invokedAt)
    const found: string[] = []
    let [next, highest] = [0, 0]
    for (const send of invoked) {
      for (; (byTime[next]?.at ?? Infinity) < send.invokedAt; next += 1) {
        highest = Math.max(highest, byTime[next]?.seq ?? 0)
      }
      const seq = send.answers.find(isAccepted)?.seq
      if (seq !== undefined && seq <= highest)
        found.push(`${send.body} got ${seq} after ${highest}`)
    }
    return found
  })
}

function allStored(stored: History['stored']): SeenEntry[] {
  return [...stored.values()].flat()
}

function conversationsOf(log: DeviceLog): Set<string> {
  return new Set(log.entries.map((entry) => entry.conversationId))
}

function idOf(one: Pick<SendRecord, 'senderId' | 'messageId'>): string {
  return `${one.senderId} ${one.messageId}`
}

function placeOf(entry: SeenEntry): string {
  return `${entry.conversationId} ${entry.seq}`
}
