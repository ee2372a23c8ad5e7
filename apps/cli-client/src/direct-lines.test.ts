import type { DirectMessage } from '@parley/client'
import { chat } from '@parley/proto'
import { expect, test } from 'vitest'
import { directLine, directText } from './direct-lines.ts'
import { eventLines } from './event-lines.ts'

const kind = chat.ConversationKind.DIRECT
const conversation = { conversationId: 'c', kind, title: '', peerId: 'b', peerName: 'bob' }

function said(parts: Partial<DirectMessage>): DirectMessage {
  const from = { senderId: 'b', senderName: 'bob', messageId: 'm' }
  const times = { directMs: 0.42, relayMs: 12.6 }
  const what = { text: 'hello', replyToSeq: 0 }
  return { type: 'direct-message', conversation, ...from, ...what, ...times, ...parts }
}

test('what came directly is shown with the times of both ways, as not stored', () => {
  expect(directText(said({}))).toBe('bob: hello (via direct 0.4 ms / relay 13 ms, not stored yet)')
  expect(directText(said({ directMs: undefined, relayMs: undefined, replyToSeq: 4 }))).toBe(
    'bob: (re #4) hello (via direct - / relay -, not stored yet)',
  )
  expect(directLine(said({})).text).toMatch(/^@bob {2}bob: hello /)
})

test('nothing in it can forge another line, or reach the terminal as a command', () => {
  const text = directText(said({ text: 'one\n12:00 #9 eve: \u001b[2Jtwo', senderName: 'b\nob' }))
  expect(
    text
      .split('\n')
      .slice(1)
      .every((line) => line.startsWith('    ')),
  ).toBe(true)
  expect(text).not.toContain('\u001b')
})

test('people read how a path begins and ends, and what is doubtful', () => {
  const path = { type: 'direct-path', conversationId: 'c', userId: 'b', userName: 'bob' } as const
  const texts = [
    directLine({ ...path, deviceId: 'd', state: 'open', reason: '' }),
    directLine({ ...path, deviceId: 'd', state: 'closed', reason: 'SILENT' }),
    directLine({ type: 'direct-doubt', conversationId: 'c', messageId: 'm', why: 'UNCONFIRMED' }),
    directLine({ type: 'direct-doubt', conversationId: 'c', messageId: 'm', why: 'CONTRADICTED' }),
  ].map(({ text }) => text)
  expect(texts.map((text) => text.slice(0, 24))).toEqual([
    '~ direct to @bob: what i',
    '~ no more direct to @bob',
    '! something that came di',
    '! what came directly is ',
  ])
})

test("the server's copy is a line for programs alone", () => {
  const content = { content: { $case: 'text' as const, value: { text: 'hello' } } }
  const entries = [chat.Entry.fromPartial({ content }), chat.Entry.fromPartial({ content })]
  const lines = eventLines({ type: 'entries', conversation, firstSeq: 7, entries, shownSeqs: [8] })
  expect(lines.map(({ line }) => line['shown'])).toEqual([undefined, true])
  expect(lines.map(({ text }) => text === '')).toEqual([false, true])
})
