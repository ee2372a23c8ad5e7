import { idBytes } from '@parley/client'
import type { ClientEvent } from '@parley/client'
import { chat } from '@parley/proto'
import { tempFolder } from '@parley/testkit'
import { appendFile, readFile, stat, truncate, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ShownInLan } from './shown-in-lan.ts'

const ann = '01900000-0000-7000-8000-00000000000a'
const eve = '01900000-0000-7000-8000-00000000000e'
const idOf = (number: number) => `01939d0c-7a31-7000-8000-${String(number).padStart(12, '0')}`
const said = (number: number, text: string) =>
  ({ type: 'say', messageId: idOf(number), text, sentAtMs: 1 }) as const

function entries(...each: [number, string, string][]): ClientEvent {
  const kind = chat.ConversationKind.DIRECT
  const conversation = { conversationId: idOf(0), kind, title: '', peerId: ann, peerName: 'ann' }
  return {
    type: 'entries',
    conversation,
    firstSeq: 7,
    entries: each.map(([number, senderId, text]) =>
      chat.Entry.fromPartial({
        senderId: idBytes(senderId),
        clientMessageId: idBytes(idOf(number)),
        content: { content: { $case: 'text', value: { text } } },
      }),
    ),
  }
}

test('the relay’s copy of a message is known by its id, its sender and its words, all three', async () => {
  const home = await tempFolder()
  const reader = new ShownInLan(home)
  const event = entries([1, ann, 'hello'], [1, eve, 'hello'], [1, ann, 'other'], [2, ann, 'hello'])
  expect(reader.mark(event)).toBe(event)
  // Another process shows it.
  await new ShownInLan(home).add(ann, said(1, 'hello'))
  expect(reader.mark(event)).toMatchObject({ shownSeqs: [7] })
  expect((await stat(join(home, 'lan-shown.txt'))).mode & 0o777).toBe(0o600)
})

test('beyond 2,000 the older half is forgotten', async () => {
  const home = await tempFolder()
  const shown = new ShownInLan(home)
  await shown.add(ann, said(1, 'x'))
  await appendFile(join(home, 'lan-shown.txt'), 'another line\n'.repeat(1_998))
  await shown.add(ann, said(2, 'x'))
  const both = entries([1, ann, 'x'], [2, ann, 'x'])
  expect(shown.mark(both)).toMatchObject({ shownSeqs: [7, 8] })
  await shown.add(ann, said(3, 'x'))
  expect(shown.mark(both)).toMatchObject({ shownSeqs: [8] })
  expect((await readFile(join(home, 'lan-shown.txt'), 'utf8')).split('\n')).toHaveLength(1_001)
})

test('a file of the same length that another process has written anew is read again', async () => {
  const home = await tempFolder()
  const [reader, path] = [new ShownInLan(home), join(home, 'lan-shown.txt')]
  const both = entries([1, ann, 'x'], [2, ann, 'x'])
  await reader.add(ann, said(1, 'x'))
  await utimes(path, 1, 1)
  expect(reader.mark(both)).toMatchObject({ shownSeqs: [7] })
  await truncate(path)
  await new ShownInLan(home).add(ann, said(2, 'x'))
  expect(reader.mark(both)).toMatchObject({ shownSeqs: [8] })
})
