import { chat } from '@parley/proto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeTail, joinEntry } from './entry-bytes.ts'

const { Content, Entry } = chat

const number = fc.nat({ max: Number.MAX_SAFE_INTEGER })
// What a device may put there, sense or nonsense.
const replyTo = fc.maxSafeInteger()
// Every kind of character; not lone halves of one, which cannot come out of a frame.
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary', minLength: 300 }))

test('a text is encoded as the generated code would', () => {
  fc.assert(
    fc.property(text, replyTo, (words, replyToSeq) => {
      const content = Content.create({ content: { $case: 'text', value: { text: words } } })
      const expected = Entry.encode(Entry.create({ content, replyToSeq })).finish()
      expect(Buffer.from(encodeTail(content, replyToSeq))).toEqual(Buffer.from(expected))
    }),
  )
})

test('an entry out of parts reads as the entry that was meant', () => {
  fc.assert(
    fc.property(text, fc.string(), number, replyTo, (words, senderName, sentAtMs, replyToSeq) => {
      const [senderId, clientMessageId] = [Buffer.alloc(16, 1), Buffer.alloc(16, 2)]
      const content = Content.create({ content: { $case: 'text', value: { text: words } } })
      const sender = Entry.encode(Entry.create({ senderId, senderName })).finish()
      const bytes = joinEntry(sender, clientMessageId, sentAtMs, encodeTail(content, replyToSeq))
      const meant = { senderId, senderName, clientMessageId, sentAtMs, content, replyToSeq }
      expect(Entry.decode(bytes)).toEqual(Entry.create(meant))
    }),
  )
})
