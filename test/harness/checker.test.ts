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

  test.each<[string, string, (sound: Sound) => void]>([
    ['I1', 'an acknowledged message that is not stored', ({ entries }) => void entries.pop()],
    [
      'I2',
      'a message that was never sent',
      ({ entries }) => void entries.push({ ...entries[0]!, seq: 7, messageId: 'x', body: 'x' }),
    ],
    [
      'I2',
      'a message that was refused',
      ({ sends }) => {
        sends[0]!.answers.length = 0
        sends[0]!.answers.push({ type: 'refused', reason: 'BLOCKED', at: 99 })
      },
    ],
    [
      'I2',
      'other words than were sent',
      ({ entries }) => void (entries[2] = { ...entries[2]!, body: 'changed' }),
    ],
    [
      'I3',
      'a message that is stored twice',
      ({ entries }) => void entries.push({ ...entries[0]!, seq: 7 }),
    ],
    [
      'I3',
      'two answers that differ',
      ({ sends }) =>
        void sends[0]!.answers.push({ type: 'accepted', seq: 2, duplicate: true, at: 99 }),
    ],
    ['I6', 'a number that is missing', ({ entries }) => void entries.splice(2, 1)],
    ['I7', 'an entry that is told twice', ({ log }) => void log.entries.push(log.entries[5]!)],
    [
      'I7',
      'entries that are told the wrong way round',
      ({ log }) => void log.entries.splice(1, 2, log.entries[2]!, log.entries[1]!),
    ],
    ['I13', 'an entry that a device was not told', ({ log }) => void log.entries.splice(3, 1)],
    ['I23', 'the last entry that a device was not told', ({ log }) => void log.entries.pop()],
    [
      'I5',
      'an entry that a device saw otherwise',
      ({ log }) => void (log.entries[1] = { ...log.entries[1]!, body: 'another' }),
    ],
    [
      'I8',
      'a sender whose messages stand the wrong way round',
      ({ sends }) => {
        const [first, second] = [sends[0]!.answers[0]!, sends[2]!.answers[0]!]
        if (first.type !== 'accepted' || second.type !== 'accepted') return
        sends[0]!.answers[0] = { ...first, seq: second.seq }
        sends[2]!.answers[0] = { ...second, seq: first.seq }
      },
    ],
    [
      'I9',
      'a message that stands before one acknowledged earlier',
      ({ sends }) => {
        const [first, second] = [sends[0]!.answers[0]!, sends[1]!.answers[0]!]
        if (first.type !== 'accepted' || second.type !== 'accepted') return
        sends[0]!.answers[0] = { ...first, seq: second.seq }
        sends[1]!.answers[0] = { ...second, seq: first.seq }
      },
    ],
  ])('finds a breach of %s: %s', (invariant, _note, breakIt) => {
    const sound = soundHistory()
    breakIt(sound)
    expect(breaches(sound.history).map((line) => line.split(': ')[0])).toContain(invariant)
  })

  test('tells at most five breaches of an invariant and counts the rest', () => {
    const { history, log } = soundHistory()
    log.entries.length = 0
    for (const entry of history.stored.get(conversationId)!) {
      log.entries.push({ ...entry, body: 'x' })
    }
    const told = breaches(history).filter((line) => line.startsWith('I5'))
    expect(told).toHaveLength(6)
    expect(told.at(-1)).toBe('I5: and 1 more')
  })
})
