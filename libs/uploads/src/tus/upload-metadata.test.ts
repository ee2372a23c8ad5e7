import { expect, test } from 'vitest'
import { parseMetadata } from './upload-metadata.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

test('reads the filename among other keys and keeps the header', () => {
  const header = `is_private,filename ${base64('年报.pdf')},filetype ${base64('x/y')}`
  expect(parseMetadata(header)).toEqual({ name: '年报.pdf', metadata: header })
})

test('needs no metadata at all', () => {
  expect(parseMetadata(undefined)).toEqual({ name: undefined, metadata: undefined })
  expect(parseMetadata('filename')).toEqual({ name: undefined, metadata: 'filename' })
})

test.each([
  [`filename ${base64('a')},filename ${base64('b')}`, 'a key twice'],
  ['filename not*base64', 'no base64'],
  [',', 'empty pairs'],
  [`filename ${Buffer.from([0xff, 0xfe]).toString('base64')}`, 'no UTF-8'],
  [`filename ${base64('a'.repeat(1_025))}`, 'a name too long'],
  [`x ${'A'.repeat(4_096)}`, 'a header too long'],
])('refuses %.40j: %s', (header) => {
  expect(() => parseMetadata(header)).toThrow(/Upload-Metadata/)
})
