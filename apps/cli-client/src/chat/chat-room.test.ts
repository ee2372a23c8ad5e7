import type { ClientEvent } from '@parley/client'
import { chat } from '@parley/proto'
import { expect, test } from 'vitest'
import type { Chatting } from '../session.ts'
import { ChatRoom } from './chat-room.ts'

const id = '01900000-0000-7000-8000-000000000001'
const kind = chat.ConversationKind.GROUP
const conversation = { conversationId: id, kind, title: 'Tea', peerId: '', peerName: '' }

function entryOf(text: string) {
  return chat.Entry.fromPartial({ content: { content: { $case: 'text', value: { text } } } })
}

function says(seq: number, text: string): ClientEvent {
  return { type: 'entries', conversation, firstSeq: seq, entries: [entryOf(text)] }
}

// A room that asks for the newest entries and gets them when the test says so.
function setup() {
  const answer = Promise.withResolvers<{ entries: unknown[]; more: boolean }>()
  const listMessages = () => answer.promise
  const read: number[] = []
  const client = { read: (_id: string, seq: number) => read.push(seq), watchPresence: () => 0 }
  const groups = { get: () => Promise.reject(new Error('not asked here')) }
  const calls = { history: { listMessages }, groups }
  const chatting = { client, calls, login: { userId: id } } as unknown as Chatting
  const lines: string[] = []
  const room = new ChatRoom(chatting, {
    show: ({ text }) => lines.push(text.replace(/^.* (?=#)/u, '')),
    note: (text) => lines.push(text),
    prepare: () => Promise.resolve(),
  })
  const entering = room.enter({ name: '#Tea', target: { conversationId: id }, conversationId: id })
  const answers = (...texts: string[]) => {
    const entries = texts.map((text, at) => ({ seq: at + 1, entry: entryOf(text), edited: false }))
    answer.resolve({ entries, more: false })
    return entering
  }
  return { room, lines, read, answers }
}

test('what is said while older entries are fetched is shown after them, and once', async () => {
  const { room, lines, read, answers } = setup()
  room.hear(says(2, 'two'))
  room.hear(says(3, 'three'))
  expect(lines).toEqual([])
  await answers('one', 'two')
  expect(lines).toEqual(['#1 : one', '#2 : two', '#3 : three'])
  expect(read).toEqual([2, 3])
})

test('more than 200 are not kept waiting, and shown once', async () => {
  const { room, lines, answers } = setup()
  for (let seq = 2; seq <= 202; seq += 1) room.hear(says(seq, 'more'))
  expect(lines).toHaveLength(201)
  await answers('one', 'two')
  expect([lines[0], lines[200], lines[201]]).toEqual(['#2 : more', '#202 : more', '#1 : one'])
  expect(lines).toHaveLength(202)
  await room.recent(2)
  expect(lines.slice(202)).toEqual(['#1 : one', '#2 : two'])
})
