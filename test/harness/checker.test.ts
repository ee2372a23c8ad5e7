import { describe, expect, test } from 'vitest'
import { breaches } from './checker.ts'
import { History } from './history.ts'
import type { SeenEntry } from './history.ts'

const conversationId = 'c'

/** Two senders, three messages each, one reading device: a sound history. */
function soundHistory() {
  const history = new History()
  const entries: SeenEntry[] = []
  for (const n of [1, 2, 3]) {
    for (const senderId of ['ann', 'bob']) {
      const [messageId, body] = [`${senderId}${n}`, `${senderId} says ${n}`]
      const send = history.invoke({ senderId, messageId, conversationId, body })
      const seq = entries.length + 1
      send.answers.push({ type: 'accepted', seq, duplicate: false, at: history.tick() })
      entries.push({ conversationId, seq, senderId, messageId, body })
    }
  }
  history.stored.set(conversationId, entries)
  const log = history.device('cat')
  log.entries.push(...entries)
  return { history, entries, log, sends: history.sends }
}

type Sound = ReturnType<typeof soundHistory>

describe('the checker', () => {
  test('finds nothing in a sound history', () => {
    expect(breaches(soundHistory().history)).toEqual([])
  })

  test('lets an unknown outcome be stored or not', () => {
    const { history, sends } = soundHistory()
    sends[5]!.answers.length = 0
    const lost = { senderId: 'ann', messageId: 'x', conversationId, body: 'lost in time' }
    history.invoke(lost)
    expect(breaches(history)).toEqual([])
  })

  test.each<[string, (sound: Sound) => void]>([
    ['nothing acknowledged is lost', ({ entries }) => void entries.pop()],
    [
      'nothing appears that was not sent or was refused',
      ({ entries }) => void entries.push({ ...entries[0]!, seq: 7, messageId: 'x', body: 'x' }),
    ],
    [
      'nothing appears that was not sent or was refused',
      ({ sends }) => {
        sends[0]!.answers.length = 0
        sends[0]!.answers.push({ type: 'refused', reason: 'BLOCKED', at: 99 })
      },
    ],
    [
      'nothing appears that was not sent or was refused',
      ({ entries }) => void (entries[2] = { ...entries[2]!, body: 'changed' }),
    ],
    ['a message is stored once', ({ entries }) => void entries.push({ ...entries[0]!, seq: 7 })],
    [
      'every answer to a message is the same',
      ({ sends }) =>
        void sends[0]!.answers.push({ type: 'accepted', seq: 2, duplicate: true, at: 99 }),
    ],
    ['numbers have no gaps', ({ entries }) => void entries.splice(2, 1)],
    [
      'a device is told each entry once and in order',
      ({ log }) => void log.entries.push(log.entries[5]!),
    ],
    [
      'a device is told each entry once and in order',
      ({ log }) => void log.entries.splice(1, 2, log.entries[2]!, log.entries[1]!),
    ],
    ['a device is told everything', ({ log }) => void log.entries.splice(3, 1)],
    ['a device is told everything', ({ log }) => void log.entries.pop()],
    [
      'everybody sees the same',
      ({ log }) => void (log.entries[1] = { ...log.entries[1]!, body: 'another' }),
    ],
    [
      'a sender’s order is kept',
      ({ sends }) => {
        const [first, second] = [sends[0]!.answers[0]!, sends[2]!.answers[0]!]
        sends[0]!.answers[0] = second
        sends[2]!.answers[0] = first
      },
    ],
    [
      'acknowledged before sent means a lower number',
      ({ sends }) => {
        const [first, second] = [sends[0]!.answers[0]!, sends[1]!.answers[0]!]
        if (first.type !== 'accepted' || second.type !== 'accepted') return
        sends[0]!.answers[0] = { ...first, seq: second.seq }
        sends[1]!.answers[0] = { ...second, seq: first.seq }
      },
    ],
  ])('finds a breach of "%s"', (rule, breakIt) => {
    const sound = soundHistory()
    breakIt(sound)
    expect(breaches(sound.history).map((line) => line.split(': ')[0])).toContain(rule)
  })

  test('tells at most five breaches of a rule and counts the rest', () => {
    const { history, log } = soundHistory()
    log.entries.length = 0
    for (const entry of history.stored.get(conversationId)!) {
      log.entries.push({ ...entry, body: 'x' })
    }
    const told = breaches(history)
    expect(told).toHaveLength(6)
    expect(told.at(-1)).toBe('everybody sees the same: and 1 more')
  })
})
