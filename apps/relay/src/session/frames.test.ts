import { chat } from '@parley/proto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { framedAccepted } from './framed-accepted.ts'
import { framed, framedEntries } from './frames.ts'

const { ConnectResponse, ConversationInfo, Entry } = chat

const seq = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
const entry = fc.record({ sentAtMs: seq, senderName: fc.string() })

test('entries framed by hand decode to what the generated code would have written', () => {
  fc.assert(
    fc.property(seq, seq, entry, fc.boolean(), (firstSeq, epoch, facts, withInfo) => {
      const publicId = Buffer.alloc(16, 7)
      const one = Entry.encode(Entry.create(facts)).finish()
      const about = ConversationInfo.create({ title: 'a group' })
      const info = withInfo ? ConversationInfo.encode(about).finish() : undefined
      const frame = framedEntries({ publicId, epoch }, firstSeq, { one }, info)
      const value = {
        conversationId: publicId,
        epoch,
        firstSeq,
        entries: [Entry.create(facts)],
        conversation: withInfo ? about : undefined,
      }
      expect(ConnectResponse.decode(frame).events).toEqual([{ event: { $case: 'entries', value } }])
    }),
  )
})

test('an answer framed by hand is what the generated code would have written', () => {
  fc.assert(
    fc.property(seq, seq, seq, fc.boolean(), (number, sentAtMs, epoch, duplicate) => {
      const [clientMessageId, conversationId] = [Buffer.alloc(16, 1), Buffer.alloc(16, 2)]
      const value = { clientMessageId, conversationId, seq: number, sentAtMs, epoch, duplicate }
      expect(framedAccepted(value)).toEqual(framed({ $case: 'accepted', value }))
    }),
  )
})

test('a run from the log keeps its entries in their order', () => {
  const entries = ['a', 'b', 'c'].map((senderName) => Entry.create({ senderName }))
  const packed = chat.Entries.encode(chat.Entries.create({ entries })).finish()
  const frame = framedEntries({ publicId: Buffer.alloc(16), epoch: 1 }, 5, { packed }, undefined)
  const [event] = ConnectResponse.decode(frame).events
  expect(event?.event).toMatchObject({ $case: 'entries', value: { firstSeq: 5, entries } })
})

test('frames are joined by putting events one after the other', () => {
  const pongs = [1, 300, 70_000].map((nonce) =>
    framed({ $case: 'pong', value: { nonce, serverTimeMs: 1 } }),
  )
  const { events } = ConnectResponse.decode(Buffer.concat(pongs))
  expect(events.map(({ event }) => event?.$case === 'pong' && event.value.nonce)).toEqual([
    1, 300, 70_000,
  ])
})
