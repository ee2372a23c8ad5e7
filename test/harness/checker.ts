import { breachLines, breaches as breachesOf } from '@parley/history'
import type { HistoryEvent, SeenEntry as Entry } from '@parley/history'
import { isAccepted } from './history.ts'
import type { Answer, DeviceLog, History, SeenEntry, SendRecord } from './history.ts'

/** What a history breaks, one line per breach (at most five per invariant), nothing when it is sound. */
export function breaches(history: History): string[] {
  return breachLines(breachesOf(eventsOf(history)))
}

/** Everybody's time to converge, as the invariant counts it: scenarios wait by themselves. */
const settledMs = 10_001
const nobody = { t: 0, client: '', user: '', device: '', session: '' }

/** A scenario's history as the checker of all histories reads it. */
function eventsOf(history: History): HistoryEvent[] {
  const { sends, devices, stored } = history
  const inTime = sends.flatMap(eventsOfSend).toSorted((one, other) => one.t - other.t)
  const endT = (inTime.at(-1)?.t ?? 0) + 1
  const at = (t: number) => ({ ...nobody, t })
  const logs = [...stored].filter(([, entries]) => entries.length > 0)
  return [
    ...[...stored.keys()].map((id) => conversationOf(history, id)),
    ...inTime,
    { ...at(endT), op: 'info', f: 'phase', phase: 'heal' },
    ...devices.flatMap((log) => [...eventsOfDevice(log, endT), ...eventsOfScreen(log, endT)]),
    { ...at(endT + settledMs), op: 'info', f: 'phase', phase: 'end' },
    ...logs.flatMap(([conversation, entries]) =>
      entries.map((entry): HistoryEvent => {
        const told = { conversation, first: entry.seq, entries: [entryOf(entry)] }
        return { ...at(endT + settledMs), op: 'ok', f: 'log', ...told }
      }),
    ),
  ]
}

/** Whoever speaks in it or is told of it sees all of it. */
function conversationOf({ sends, devices }: History, conversation: string): HistoryEvent {
  const senders = sends.filter((send) => send.conversationId === conversation)
  const readers = devices.filter(({ entries }) =>
    entries.some((entry) => entry.conversationId === conversation),
  )
  const members = [...new Set([...senders.map(({ senderId }) => senderId), ...readers.map(userOf)])]
  return { ...nobody, op: 'info', f: 'conversation', conversation, kind: 'group', members }
}

function eventsOfSend(send: SendRecord): HistoryEvent[] {
  const { senderId: user, messageId: id, conversationId: to, body, invokedAt, answers } = send
  const who = { ...nobody, user, client: user }
  const invoked = { op: 'invoke', f: 'send', id, to, kind: 'text', body } as const
  const answered = answers.map((answer) => ({ ...who, t: answer.at, ...told(send, answer) }))
  const isOpen = answers.length === 0
  // Nobody repeats what has no answer: a scenario may end before it has one.
  const open: HistoryEvent = { ...who, t: invokedAt, op: 'info', f: 'send', id, why: 'given up' }
  return [{ ...who, t: invokedAt, ...invoked }, ...answered, ...(isOpen ? [open] : [])]
}

function told({ messageId: id, conversationId: conversation }: SendRecord, answer: Answer) {
  if (!isAccepted(answer)) return { op: 'fail', f: 'send', id, reason: answer.reason } as const
  const { seq, duplicate } = answer
  return { op: 'ok', f: 'send', id, conversation, seq, duplicate } as const
}

/** One stream from the first entry of each conversation on that the device was told. */
function eventsOfDevice(log: DeviceLog, t: number): HistoryEvent[] {
  const { device, entries } = log
  const who = { t, client: device, user: userOf(log), device, session: device }
  const begun = new Set<string>()
  const connect = { op: 'invoke', f: 'connect', transient: false, cursors: {} } as const
  return [
    { ...who, ...connect },
    ...entries.flatMap((entry): HistoryEvent[] => {
      const { conversationId: conversation, seq } = entry
      const run = { conversation, first: seq, entries: [entryOf(entry)] }
      const before = { op: 'ok', f: 'gap', conversation, from: 1, to: seq - 1, why: '2' } as const
      const isFirst = !begun.has(conversation)
      begun.add(conversation)
      return [
        ...(isFirst && seq > 1 ? [{ ...who, ...before }] : []),
        { ...who, op: 'ok', f: 'entries', ...run },
      ]
    }),
  ]
}

/** What it showed of messages that come by two ways, which may be of one conversation only. */
function eventsOfScreen(log: DeviceLog, t: number): HistoryEvent[] {
  const { device, shown, doubted, entries } = log
  const conversation = entries[0]?.conversationId ?? ''
  const who = { t, client: device, user: userOf(log), device, session: device }
  return [
    ...shown.map(({ senderId: sender, messageId: id, body, way }): HistoryEvent => {
      return { ...who, op: 'ok', f: 'shown', conversation, sender, id, body, way }
    }),
    ...doubted.map((id): HistoryEvent => ({ ...who, op: 'info', f: 'doubt', conversation, id })),
  ]
}

// Devices are named in scenarios, their users mostly are not known.
function userOf({ device, userId }: DeviceLog): string {
  return userId ?? `the user of ${device}`
}

function entryOf({ senderId, messageId, body }: SeenEntry): Entry {
  return { sender: senderId, id: messageId, kind: 'text', body }
}
