import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { noEffects } from './journal.ts'
import type { Command, Outcome } from './journal.ts'
import { decodeBatch, encodeBatch } from './batch-codec.ts'
import { decodeOutcomes, encodeOutcomes } from './outcome-codec.ts'

const id = fc.uint8Array({ minLength: 16, maxLength: 16 })
const number = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
const byte = fc.integer({ min: 0, max: 255 })

const send: fc.Arbitrary<Command> = fc
  .record({
    sender: number,
    conversation: number,
    target: fc.constantFrom('none', 'conversation', 'peer'),
    targetId: id,
    clientId: id,
    digest: id,
    kind: byte,
    targetSeq: number,
    replyTo: number,
    sentAtMs: number,
    entry: fc.uint8Array({ maxLength: 300 }),
    forwardOf: fc.option(fc.record({ conversationId: id, seq: number }), { nil: undefined }),
  })
  .map(({ target, targetId, ...rest }) => ({
    name: 'sendMessage',
    input: {
      ...rest,
      conversationId: target === 'conversation' ? targetId : undefined,
      peerId: target === 'peer' ? targetId : undefined,
      attachment: undefined,
    },
  }))
const other: fc.Arbitrary<Command> = fc
  .array(number, { maxLength: 9 })
  .map((marks) => ({ name: 'ackCursors', input: { marks } }))
const batch = fc.array(fc.oneof(send, other), { maxLength: 20 })

/** Bytes of any kind as plain arrays, so that views and copies compare equal. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value]
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]))
}

describe('what crosses between the threads', () => {
  test('every batch of commands arrives as it was sent', () => {
    fc.assert(
      fc.property(batch, (commands) => {
        expect(plain(decodeBatch(encodeBatch(commands)))).toEqual(plain(commands))
      }),
    )
  })

  test('every outcome arrives as it was given', () => {
    fc.assert(
      fc.property(
        batch,
        fc.infiniteStream(fc.tuple(fc.boolean(), fc.boolean())),
        (commands, luck) => {
          const outcomes = commands.map((command) => outcomeFor(command, luck.next().value))
          const decoded = decodeOutcomes(commands, encodeOutcomes(commands, outcomes))
          expect(plain(decoded)).toEqual(plain(outcomes))
        },
      ),
    )
  })
})

function outcomeFor(command: Command, [isStored, isDuplicate]: [boolean, boolean]): Outcome {
  if (!isStored) return { ok: false, reason: 'NOT_A_MEMBER', message: 'no' }
  const effects = noEffects
  if (command.name !== 'sendMessage') return { ok: true, answer: null, duplicate: false, effects }
  const { sender, entry } = command.input
  const conversationId = Buffer.alloc(16, 3)
  const answer = { conversation: 5, conversationId, epoch: 1, seq: 9, sentAtMs: 1_700_000_000_000 }
  if (isDuplicate) return { ok: true, answer, duplicate: true, effects }
  const entries = [{ conversation: 5, seq: 9, sender, entry }]
  return { ok: true, answer, duplicate: false, effects: { ...effects, entries } }
}
