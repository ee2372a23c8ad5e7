import { chat } from '@parley/proto'
import { expect, test } from 'vitest'
import { checkContent, maxTextBytes } from './check-content.ts'
import type { ContentReason } from './check-content.ts'

const { Edit, Erased, File, Image, Membership, Notice, Nudge, Recall, Text } = chat
const id = 'a'.repeat(26)
type Content = NonNullable<chat.Content['content']>

const text = (words: string): Content => ({ $case: 'text', value: Text.create({ text: words }) })

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
