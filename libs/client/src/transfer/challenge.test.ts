import { expect, test } from 'vitest'
import { readChallenge } from './challenge.ts'

const good = { id: 'a'.repeat(32), nonce: '0a'.repeat(32), ranges: [{ start: 0, end: 100 }] }

function read(said: unknown) {
  const text = typeof said === 'string' ? said : JSON.stringify(said)
  return readChallenge(pieces(Buffer.from(text)), 100)
}

async function* pieces(bytes: Buffer) {
  yield bytes.subarray(0, 10)
  yield bytes.subarray(10)
}

test('reads what a server asks', async () => {
  const { id, nonce, ranges } = await read(good)
  expect([id, nonce.toString('hex'), ranges]).toEqual([good.id, good.nonce, good.ranges])
})

test.each([
  ['no JSON', '<html>'],
  ['nothing', 'null'],
  ['an id that would be another path', { ...good, id: '../uploads' }],
  ['a short nonce', { ...good, nonce: '0a' }],
  ['no ranges', { ...good, ranges: undefined }],
  ['a range behind the end', { ...good, ranges: [{ start: 1, end: 101 }] }],
  ['a range before the beginning', { ...good, ranges: [{ start: -1, end: 1 }] }],
  ['a range of nothing', { ...good, ranges: [{ start: 1, end: 1 }] }],
  ['a range of halves', { ...good, ranges: [{ start: 0.5, end: 1 }] }],
  ['a range of words', { ...good, ranges: [{ start: '0', end: '1' }] }],
  ['a range that is none', { ...good, ranges: [null] }],
  ['too many ranges', { ...good, ranges: Array(1_025).fill(good.ranges[0]) }],
  ['an endless answer', `${JSON.stringify(good)}${' '.repeat(70_000)}`],
])('refuses %s', async (_what, said) => {
  await expect(read(said)).rejects.toMatchObject({ reason: 'CHALLENGE_MALFORMED' })
})

test('reads no more than 4 MiB for a server', async () => {
  const ranges = Array.from({ length: 5 }, () => ({ start: 0, end: 2 ** 20 }))
  const asked = pieces(Buffer.from(JSON.stringify({ ...good, ranges })))
  await expect(readChallenge(asked, 2 ** 30)).rejects.toMatchObject({ kind: 'corrupt' })
})
