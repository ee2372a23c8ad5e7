import { basename } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { safeFileName } from './file-name.ts'

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

test.each([
  ['marks that have to be sorted', '\u0315'.repeat(60_000) + '\u0316'.repeat(60_000), /^a\u0315+$/],
  ['dots that do not end it', '.'.repeat(250_000), /^a\.+b$/],
])('of a name as long as a message the beginning counts: %s', (_note, middle, safe) => {
  expect(safeFileName(`a${middle}b`)).toMatch(safe)
})
