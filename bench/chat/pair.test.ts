import { chat } from '@parley/proto'
import { expect, test } from 'vitest'
import { Pair } from './pair.ts'
import { newId } from './people.ts'

const conversationId = newId()

test('a pair is content with one answer and one delivery of each message, in order', () => {
  const { pair, say, seen } = setup()
  const [one, two] = [say('one'), say('two')]
  pair.entries(entries(1, one, two), 7)
  pair.accepted(accepted(1, one), 8)
  expect(pair.inFlight).toBe(1)
  pair.accepted(accepted(2, two), 9)
  expect(seen).toEqual({ violations: [], completed: 2 })
  expect(pair.counts).toEqual({ sent: 2, accepted: 2, delivered: 2 })
  expect(pair.inFlight).toBe(0)
})

test.each<{ note: string; deliver: (pair: Pair, one: Said, two: Said) => void; says: RegExp }>([
  {
    note: 'a delivery that leaves one out',
    deliver: (pair, _one, two) => pair.entries(entries(2, two), 1),
    says: /lost: entry 2 instead of 1/,
  },
  {
    note: 'a delivery that comes twice',
    deliver: (pair, one) => [1, 1].forEach((seq) => pair.entries(entries(seq, one), 1)),
    says: /repeated: entry 1 instead of 2/,
  },
  {
    note: 'two deliveries that have changed places',
    deliver: (pair, one, two) => pair.entries(entries(1, two, one), 1),
    says: /reordered/,
  },
  {
    note: 'other words',
    deliver: (pair, one) => pair.entries(entries(1, { ...one, text: 'three' }), 1),
    says: /says something else/,
  },
  {
    note: 'two answers that have changed places',
    deliver: (pair, _one, two) => pair.accepted(accepted(1, two), 1),
    says: /out of order/,
  },
  {
    note: 'an answer that comes twice',
    deliver: (pair, one) => [1, 2].forEach((seq) => pair.accepted(accepted(seq, one), 1)),
    says: /twice/,
  },
  {
    note: 'an answer whose number leaves one out',
    deliver: (pair, one) => pair.accepted(accepted(2, one), 1),
    says: /answer 2 after 0/,
  },
])('a pair complains of $note', ({ deliver, says }) => {
  const { pair, say, seen } = setup()
  deliver(pair, say('one'), say('two'))
  expect(seen.violations.join()).toMatch(says)
})

interface Said {
  readonly id: Buffer
  readonly text: string
}

function setup() {
  const seen = { violations: [] as string[], completed: 0 }
  const pair = new Pair('pair', {
    accepted: () => undefined,
    delivered: () => undefined,
    completed: () => (seen.completed += 1),
    violation: (what) => seen.violations.push(what),
  })
  const say = (text: string): Said => {
    const id = newId()
    pair.sent(id, text, 0)
    return { id, text }
  }
  return { pair, say, seen }
}

function accepted(seq: number, { id }: Said): chat.Accepted {
  return chat.Accepted.create({ clientMessageId: id, conversationId, seq })
}

function entries(firstSeq: number, ...said: Said[]): chat.Entries {
  const lines = said.map(({ id, text }) =>
    chat.Entry.create({
      clientMessageId: id,
      content: { content: { $case: 'text', value: { text } } },
    }),
  )
  return chat.Entries.create({ conversationId, firstSeq, entries: lines })
}
