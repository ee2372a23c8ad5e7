import { expect, test } from 'vitest'
import { encodeManifest, maxNotesBytes, parseManifest } from './manifest.ts'
import { manifestOf } from './testing/manifest-of.ts'

test('a manifest is written with its keys in order, and read back as it was', () => {
  const bytes = encodeManifest(manifestOf({ notes: 'größer 🚀' }))
  const keys = Object.keys(JSON.parse(bytes.toString()) as object)
  expect(keys).toEqual(keys.toSorted())
  expect(bytes.toString()).not.toContain(': ')
  expect(parseManifest(bytes)).toEqual(manifestOf({ notes: 'größer 🚀' }))
})

test.each([
  ['a version that is none', { version: 'v1.2.3' }],
  ['a version with a build', { version: '1.2.3+5' }],
  ['a minimum above the version itself', { version: '1.2.3', minVersion: '1.2.4' }],
  ['a version of 65 characters', { version: `1.2.3-${'x'.repeat(59)}` }],
  ['a channel of 33 characters', { channel: 'x'.repeat(33) }],
  ['a path for a platform', { platform: '../linux' }],
  ['an empty channel', { channel: '' }],
  ['a digest in capitals', { digest: 'AB'.repeat(32) }],
  ['a size below nothing', { sizeBytes: -1 }],
  ['a file id with a slash', { fileId: `${'f'.repeat(25)}/x` }],
  ['notes beyond the limit', { notes: 'x'.repeat(maxNotesBytes + 1) }],
  ['notes that swell when they are written', { notes: '\u0001'.repeat(maxNotesBytes) }],
  ['a field of its own', { extra: 1 }],
])('%s makes no manifest', (_note, change) => {
  expect(() => encodeManifest({ ...manifestOf(), ...change })).toThrow('manifest cannot be used')
})

test.each([
  ['nothing', ''],
  ['no JSON', '{'],
  ['another order of the keys', JSON.stringify(manifestOf())],
  ['a space', `${encodeManifest(manifestOf()).toString()} `],
  ['a list', '[]'],
])('%s is not read as one', (_note, text) => {
  expect(() => parseManifest(Buffer.from(text))).toThrow('manifest cannot be used')
})
