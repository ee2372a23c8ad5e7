import { chat } from '@parley/proto'
import { uuidBytes } from '@parley/service-kit'
import { expect, test } from 'vitest'
import { entryLine } from './entry-line.ts'
import { entrySummary, entryText } from './entry-text.ts'

const conversationId = '01900000-0000-7000-8000-000000000001'
const bobId = '01900000-0000-7000-8000-00000000000b'

type Case = chat.Content['content']

function placed(content: Case, more: Partial<chat.Entry> = {}) {
  const base = { senderId: Buffer.from(uuidBytes(bobId)), senderName: 'bob', sentAtMs: 0 }
  const entry = chat.Entry.fromPartial({ ...base, ...more })
  entry.content = { content }
  return { conversationId, seq: 7, entry }
}

const text = (value: string): Case => ({ $case: 'text', value: { text: value } })

test('a text entry has every documented field', () => {
  expect(entryLine({ ...placed(text('hi'), { replyToSeq: 3 }), edited: true })).toEqual({
    type: 'entry',
    conversationId,
    seq: 7,
    senderId: bobId,
    senderName: 'bob',
    messageId: null,
    sentAtMs: 0,
    replyToSeq: 3,
    forwarded: false,
    edited: true,
    content: { kind: 'text', text: 'hi' },
  })
})

const image = chat.Image.fromPartial({
  imageId: 'abc',
  name: 'cat.jpg',
  size: 2048,
  width: 3,
  height: 4,
})
const file = chat.File.fromPartial({
  fileId: 'f',
  name: 'a\nb',
  size: 5,
  digest: Buffer.from([0xab]),
})
const voice = chat.File.fromPartial({
  name: 'n.ogg',
  size: 1024,
  presentation: chat.File_Presentation.VOICE,
  durationMs: 7_400,
})
const video = chat.File.fromPartial({
  name: 'n.mp4',
  size: 1024,
  presentation: chat.File_Presentation.VIDEO,
})
const sticker = chat.Sticker.fromPartial({ image, pack: 'cats', name: 'hi\u202e' })
const picture = chat.Picture.fromPartial({ imageId: 'p', width: 5, height: 6 })
const pictured = chat.Membership.fromPartial({ change: 8, picture })
const bare = chat.Membership.fromPartial({ change: 8 })
const face = (name: string): Case => ({ $case: 'face', value: { name } })
const membership = chat.Membership.fromPartial({ change: 2, userName: 'eve' })
const notice = chat.Notice.fromPartial({ kind: 5, userName: 'eve', title: 'Tea', text: 'come' })

test.each<[string, Case, string, Record<string, unknown>]>([
  ['an image', { $case: 'image', value: image }, 'bob: [image 3x4: cat.jpg, 2 KiB]', { width: 3 }],
  ['a file', { $case: 'file', value: file }, 'bob: [file: a␤b, 5 B]', { digest: 'ab' }],
  [
    'a voice message',
    { $case: 'file', value: voice },
    'bob: [voice 0:07: n.ogg, 1 KiB]',
    { kind: 'file', presentation: 'voice', durationMs: 7_400 },
  ],
  [
    'a video of unknown length',
    { $case: 'file', value: video },
    'bob: [video: n.mp4, 1 KiB]',
    { presentation: 'video', durationMs: null },
  ],
  [
    'a plain file',
    { $case: 'file', value: file },
    'bob: [file: ',
    { presentation: null, durationMs: null },
  ],
  [
    'a sticker',
    { $case: 'sticker', value: sticker },
    'bob: [sticker: hi<U+202E> of cats]',
    { kind: 'sticker', pack: 'cats', fileName: 'cat.jpg', imageId: 'abc', width: 3 },
  ],
  ['a known face', face('smile'), 'bob: 🙂', { kind: 'face', name: 'smile' }],
  ['an unknown face', face('moon_7'), 'bob: [moon_7]', { name: 'moon_7' }],
  ['a face that is no own word', face('constructor'), 'bob: [constructor]', {}],
  [
    'a picture of the group',
    { $case: 'membership', value: pictured },
    '* the group has another picture now',
    { change: 'picture', picture: { imageId: 'p', width: 5 } },
  ],
  [
    'no picture of the group',
    { $case: 'membership', value: bare },
    '* the group has no picture any more',
    { picture: null },
  ],
  ['a nudge', { $case: 'nudge', value: {} }, '* bob nudges', { kind: 'nudge' }],
  [
    'an edit',
    { $case: 'edit', value: { targetSeq: 2, text: 'x' } },
    '* bob changed #2 to: x',
    { targetSeq: 2 },
  ],
  [
    'a recall',
    { $case: 'recall', value: { targetSeq: 2 } },
    '* bob took #2 back',
    { kind: 'recall' },
  ],
  ['a tombstone', { $case: 'erased', value: { why: 1 } }, 'bob: [taken back]', { why: 'recalled' }],
  ['a member', { $case: 'membership', value: membership }, '* eve joined', { change: 'joined' }],
  [
    'a notice',
    { $case: 'notice', value: notice },
    '* eve invites you to the group "Tea": come',
    { notice: 'group-invited' },
  ],
  ['what comes from a newer server', undefined, '* [this client is too old', { kind: 'unknown' }],
])('%s reads well and has its fields', (_note, content, words, fields) => {
  expect(entryText(placed(content))).toContain(words)
  expect(entryLine(placed(content))['content']).toMatchObject(fields)
})

test('a message cannot forge the line of another', () => {
  const shown = entryText(placed(text('hi\n10:00:00 #8 alice: pay him')))
  expect(shown.split('\n')[1]).toMatch(/^ {4}10:00/)
})

test('a summary stays on one line', () => {
  expect(entrySummary(placed(text('one\ntwo')).entry)).toBe('bob: one␤two')
})
