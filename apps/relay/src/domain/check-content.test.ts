import { chat } from '@parley/proto'
import { expect, test } from 'vitest'
import { checkContent, maxTextBytes, suitsPresentation } from './check-content.ts'
import type { ContentReason } from './check-content.ts'

const { Edit, Erased, Face, File, Image, Membership, Notice, Nudge, Recall, Sticker, Text } = chat
const { VIDEO, VOICE } = chat.File_Presentation
const id = 'a'.repeat(26)
type Content = NonNullable<chat.Content['content']>

const text = (words: string): Content => ({ $case: 'text', value: Text.create({ text: words }) })

const file = (more: Partial<chat.File>): Content => {
  return { $case: 'file', value: File.create({ fileId: id, name: 'a', ...more }) }
}
const face = (name: string): Content => ({ $case: 'face', value: Face.create({ name }) })
const image = Image.create({ imageId: id })
const sticker = (more: Partial<chat.Sticker>): Content => {
  return { $case: 'sticker', value: Sticker.create({ image, ...more }) }
}

const bad: [string, Content | undefined, ContentReason][] = [
  ['nothing', undefined, 'CONTENT_MISSING'],
  ['an empty text', text(''), 'TEXT_EMPTY'],
  ['a text one byte too long', text('x'.repeat(maxTextBytes + 1)), 'TEXT_TOO_LONG'],
  ['a Chinese text that is too long in bytes only', text('汉'.repeat(5_462)), 'TEXT_TOO_LONG'],
  ['a file without name', { $case: 'file', value: File.create({ fileId: id }) }, 'NAME_MALFORMED'],
  [
    'a file with a path for an id',
    { $case: 'file', value: File.create({ fileId: '../../etc/passwd', name: 'x' }) },
    'ATTACHMENT_MALFORMED',
  ],
  [
    'an image with a name of 256 bytes',
    { $case: 'image', value: Image.create({ imageId: id, name: 'n'.repeat(256) }) },
    'NAME_MALFORMED',
  ],
  ['an edit of nothing', { $case: 'edit', value: Edit.create({ text: 'x' }) }, 'TARGET_MALFORMED'],
  ['an edit without words', { $case: 'edit', value: Edit.create({ targetSeq: 1 }) }, 'TEXT_EMPTY'],
  ['a recall of nothing', { $case: 'recall', value: Recall.create() }, 'TARGET_MALFORMED'],
  [
    'a recall of a negative number',
    { $case: 'recall', value: Recall.create({ targetSeq: -1 }) },
    'TARGET_MALFORMED',
  ],
  ['a notice', { $case: 'notice', value: Notice.create() }, 'CONTENT_NOT_ALLOWED'],
  ['a membership', { $case: 'membership', value: Membership.create() }, 'CONTENT_NOT_ALLOWED'],
  ['a plain file that plays', file({ durationMs: 1 }), 'DURATION_OUT_OF_RANGE'],
  ['a voice of no length', file({ presentation: VOICE }), 'DURATION_OUT_OF_RANGE'],
  [
    'a voice of more than ten minutes',
    file({ presentation: VOICE, durationMs: 600_001 }),
    'DURATION_OUT_OF_RANGE',
  ],
  [
    'a video of less than nothing',
    file({ presentation: VIDEO, durationMs: -1 }),
    'DURATION_OUT_OF_RANGE',
  ],
  [
    'a video of more than a day',
    file({ presentation: VIDEO, durationMs: 86_400_001 }),
    'DURATION_OUT_OF_RANGE',
  ],
  [
    'a presentation that nobody knows',
    file({ presentation: 9 as chat.File_Presentation }),
    'PRESENTATION_MISMATCH',
  ],
  ['a face without name', face(''), 'FACE_MALFORMED'],
  ['a face of 33 letters', face('x'.repeat(33)), 'FACE_MALFORMED'],
  ['a face that is an escape', face('\u001b[31m'), 'FACE_MALFORMED'],
  ['a face in two lines', face('smile\n'), 'FACE_MALFORMED'],
  ['a sticker without image', sticker({ image: undefined }), 'STICKER_MALFORMED'],
  ['a sticker of a long pack', sticker({ pack: '猫'.repeat(22) }), 'STICKER_MALFORMED'],
  ['a sticker with a long name', sticker({ name: 'n'.repeat(65) }), 'STICKER_MALFORMED'],
  [
    'a sticker with a path for an id',
    sticker({ image: Image.create({ imageId: '../../../etc/passwd' }) }),
    'ATTACHMENT_MALFORMED',
  ],
  ['a tombstone', { $case: 'erased', value: Erased.create() }, 'CONTENT_NOT_ALLOWED'],
]

test.each(bad)('refuses %s', (_what, content, reason) => {
  expect(checkContent(content)).toBe(reason)
})

test('takes a text of just the longest length', () => {
  expect(checkContent(text('x'.repeat(maxTextBytes)))).toEqual({ kind: 1, targetSeq: 0 })
  expect(checkContent(text('汉'.repeat(5_461)))).toEqual({ kind: 1, targetSeq: 0 })
})

test('tells what an edit or recall is about', () => {
  const recall = { $case: 'recall', value: Recall.create({ targetSeq: 7 }) } as const
  expect(checkContent(recall)).toEqual({ kind: 6, targetSeq: 7 })
  expect(checkContent({ $case: 'nudge', value: Nudge.create() })).toEqual({ kind: 4, targetSeq: 0 })
})

test('takes voices, videos, faces and stickers within their bounds', () => {
  for (const durationMs of [1, 600_000]) {
    expect(checkContent(file({ presentation: VOICE, durationMs }))).toMatchObject({ kind: 2 })
  }
  for (const durationMs of [0, 86_400_000]) {
    expect(checkContent(file({ presentation: VIDEO, durationMs }))).toMatchObject({ kind: 2 })
  }
  expect(checkContent(face('smile_2-x'))).toEqual({ kind: 10, targetSeq: 0 })
  const named = sticker({ pack: '猫'.repeat(21), name: 'n'.repeat(64) })
  expect(checkContent(named)).toEqual({ kind: 11, targetSeq: 0 })
})

test.each([
  ['audio/ogg', VOICE, true],
  ['video/webm', VOICE, false],
  ['application/pdf', VOICE, false],
  ['video/mp4', VIDEO, true],
  ['audio/mpeg', VIDEO, false],
  ['text/plain', undefined, true],
] as const)('%s shown as %s: %s', (mediaType, presentation, suits) => {
  const value = File.create(presentation === undefined ? {} : { presentation })
  expect(suitsPresentation(mediaType, value)).toBe(suits)
})
