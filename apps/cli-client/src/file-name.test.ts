import { basename } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { attachmentFileName, numberedFileName, safeFileName } from './file-name.ts'

test.each([
  ['a plain name', 'holiday.jpg', 'holiday.jpg'],
  ['a Chinese name', '照片 2.jpg', '照片 2.jpg'],
  ['a path upwards', '../../etc/passwd', 'passwd'],
  ['a Windows path', 'C:\\Windows\\system.ini', 'system.ini'],
  ['a hidden file', '.bashrc', 'bashrc'],
  ['an option', '--output=x', 'output=x'],
  ['dots and dashes in turn', '.-.-x', 'x'],
  ['a long dash', '—rf', 'rf'],
  ['an override of direction', 'invoice\u202efdp.exe', 'invoicefdp.exe'],
  ['a newline', 'a\nb', 'ab'],
  ['only dots', '...', 'unnamed'],
  ['nothing', '', 'unnamed'],
  ['a trailing slash', 'folder/', 'folder'],
])('%s', (_note, given, safe) => {
  expect(safeFileName(given)).toBe(safe)
})

test('whatever the sender wrote, the name stays in its folder and is a plain one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
      const safe = safeFileName(name)
      expect(basename(safe)).toBe(safe)
      expect(safe).not.toMatch(/^[.\-\s]|[\p{Cc}\p{Cf}]/u)
      expect(safe.length).toBeGreaterThan(0)
      expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(200)
      expect(safeFileName(safe)).toBe(safe)
    }),
    { numRuns: 500 },
  )
})

test('a long name keeps its extension', () => {
  expect(safeFileName(`${'长'.repeat(200)}.tar`)).toMatch(/^长+\.tar$/)
})

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
