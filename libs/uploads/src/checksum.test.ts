import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { ChecksumCheck, parseChecksum } from './checksum.ts'

const sumOf = (algorithm: string, text: string) =>
  `${algorithm} ${createHash(algorithm).update(text).digest('base64')}`

test.each(['sha1', 'sha256'])('accepts bytes that have their %s, and no others', (algorithm) => {
  const header = sumOf(algorithm, 'hello world')
  const good = new ChecksumCheck(parseChecksum(header)!)
  good.update(Buffer.from('hello '))
  good.update(Buffer.from('world'))
  good.assertMatch()
  const bad = new ChecksumCheck(parseChecksum(header)!)
  bad.update(Buffer.from('hello World'))
  expect(() => bad.assertMatch()).toThrow(/checksum/)
})

test.each([
  ['crc32 AAAA', 'CHECKSUM_UNKNOWN', 'an unknown algorithm'],
  ['sha1', 'CHECKSUM_MALFORMED', 'no sum'],
  ['sha1 AAAA', 'CHECKSUM_MALFORMED', 'a sum too short'],
  [`${sumOf('sha1', 'x')} y`, 'CHECKSUM_MALFORMED', 'more than a sum'],
])('refuses %j with %s: %s', (header, reason) => {
  expect(() => parseChecksum(header)).toThrow(expect.objectContaining({ reason }) as Error)
})

test('needs no checksum', () => {
  expect(parseChecksum(undefined)).toBeUndefined()
})
