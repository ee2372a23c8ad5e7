import { Digest } from '@parley/blob-store'
import { describe, expect, test } from 'vitest'
import { AnswerReader } from './answer-reader.ts'
import { medianInterval } from './interval.ts'
import { sourceBytes, sourceDigest, sourceStamp } from './source-bytes.ts'
import { runOf, summaryOf } from './summary.ts'

describe('AnswerReader', () => {
  const text = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: "x"\r\n\r\nhello'

  test('reads an answer however it is cut into pieces', () => {
    for (let size = 1; size <= text.length; size += 1) {
      const reader = new AnswerReader()
      let body = ''
      const answer = reader.expect(false, (bytes) => (body += bytes.toString()))
      for (let at = 0; at < text.length; at += size) {
        expect(answer.isWhole).toBe(false)
        reader.take(Buffer.from(text.slice(at, at + size)))
      }
      expect([answer.status, answer.headers['etag'], body]).toEqual([200, '"x"', 'hello'])
      expect(answer.isWhole).toBe(true)
    }
  })

  test('ends an answer to HEAD with its head, and refuses more than was announced', () => {
    const reader = new AnswerReader()
    const answer = reader.expect(true)
    reader.take(Buffer.from(text.slice(0, -5)))
    expect(answer.isWhole).toBe(true)
    reader.expect()
    expect(() => reader.take(Buffer.from(`${text}!`))).toThrow('more bytes')
  })
})

describe('sourceBytes', () => {
  test('are the same from anywhere, and others for another seed', () => {
    const all = Buffer.concat([...sourceBytes('a', 3_000_000)])
    const rest = Buffer.concat([...sourceBytes('a', 3_000_000, 1_234_567)])
    expect(all.length).toBe(3_000_000)
    expect(rest.equals(all.subarray(1_234_567))).toBe(true)
    expect(all.subarray(0, 64).equals(sourceStamp('a'))).toBe(true)
    const digest = new Digest()
    digest.update(all)
    expect(sourceDigest('a', 3_000_000)).toBe(digest.hex())
    expect(sourceDigest('b', 3_000_000)).not.toBe(digest.hex())
  })
})

test('an interval holds its median, and is none when all figures are one', () => {
  const { median, low, high } = medianInterval([1, 2, 3, 4, 5, 6, 7])
  expect(median).toBe(4)
  expect(low).toBeGreaterThanOrEqual(1)
  expect(low).toBeLessThan(4)
  expect(high).toBeGreaterThan(4)
  expect(medianInterval([2, 2, 2])).toEqual({ median: 2, low: 2, high: 2 })
})

test('a summary compares runs of one round with the peer of that round', () => {
  const work = { name: 'w', sizeBytes: 2 ** 30 }
  const of = (subject: string, round: number, serverCpuSeconds: number) =>
    runOf(subject, work, round, { seconds: 2, serverCpuSeconds, clientCpuSeconds: 1 }, 1)
  const runs = [1, 2, 3].flatMap((round) => [
    of('parley', round, round),
    of('nginx', round, 2 * round),
  ])
  const [, peer] = summaryOf(runs, { nginx: 1.5 })
  expect(peer?.comparison).toMatchObject({
    workPerCpuSecond: { median: 2, low: 2, high: 2 },
    bytesPerSecond: { median: 1 },
    verdict: 'met',
  })
})
