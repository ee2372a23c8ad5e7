import { expect, test } from 'vitest'
import { attachmentFileName, numberedFileName } from './file-name.ts'

test('numbered names keep the extension', () => {
  expect([0, 1, 2].map((nth) => numberedFileName('a.tar.gz', nth))).toEqual([
    'a.tar.gz',
    'a.tar (1).gz',
    'a.tar (2).gz',
  ])
})

test.each([
  ['an image that became another kind', 'cat.png', 'image/webp', undefined, 'cat.webp'],
  ['a JPEG by either name', 'cat.JPEG', 'image/jpeg', undefined, 'cat.JPEG'],
  ['a smaller variant', 'cat.jpg', 'image/jpeg', 'thumb', 'cat-thumb.webp'],
  [
    'a file keeps its name whatever its type',
    'a.tar.gz',
    'application/gzip',
    undefined,
    'a.tar.gz',
  ],
] as const)('%s', (_note, name, mediaType, variant, wanted) => {
  expect(attachmentFileName({ name, mediaType }, variant)).toBe(wanted)
})
