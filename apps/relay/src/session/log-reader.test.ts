import { AppError } from '@parley/errors'
import { expect, test } from 'vitest'
import type { Place } from '../domain/place.ts'
import type { LogRun } from '../store/journal.ts'
import { LogReader } from './log-reader.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A log of ten entries whose reads are answered when the test says so. */
function setup(vouch?: (place: Place) => Promise<void>) {
  const place = {
    conversation: 1,
    stays: [{ from: 1, to: Infinity }],
    sent: 4,
    head: 10,
    vouched: 4,
  } as Place
  const reads: {
    from: number
    to: number
    answer: () => void
    fail: (error: Error) => void
  }[] = []
  const sent: string[] = []
  const reader = new LogReader({
    readLog: (_conversation, from, to) =>
      new Promise<LogRun>((resolve, reject) => {
        const run = { firstSeq: from, count: to - from + 1, packed: new Uint8Array() }
        reads.push({ from, to, answer: () => resolve(run), fail: reject })
      }),
    vouch,
    hasRoom: () => true,
    sendRun: (_place, run) => void sent.push(`${run.firstSeq}+${run.count}`),
    sendGap: () => undefined,
    level: () => void sent.push('level'),
    failed: (error) => void sent.push(String(error)),
  })
  return { place, reads, sent, reader }
}

test('a run that was read before its place was wound back is not sent; all is read again', async () => {
  const { place, reads, sent, reader } = setup()
  reader.follow(place)
  reader.pump()
  // A drop of queued entries winds the place back while the read is under way.
  place.sent = 2
  reads[0]?.answer()
  await turn()
  expect(sent).toEqual([])
  expect(reads.map(({ from }) => from)).toEqual([5, 3])
  reads[1]?.answer()
  await turn()
  expect(sent).toEqual(['3+8', 'level'])
  expect([place.sent, place.behind]).toEqual([10, false])
})

test.each([
  new AppError('unavailable', 'STORE_UNAVAILABLE', 'away'),
  new AppError('exhausted', 'BUSY', 'too many questions at once'),
])('while the store is away or busy a place waits, and is read at the next try', async (error) => {
  const { place, reads, sent, reader } = setup()
  reader.follow(place)
  reader.pump()
  reads[0]?.fail(error)
  await turn()
  expect([reads.length, sent]).toEqual([1, []])
  reader.pump()
  reads[1]?.answer()
  await turn()
  expect(sent).toEqual(['5+6', 'level'])
})

test('any other failure to read is told', async () => {
  const { place, reads, sent, reader } = setup()
  reader.follow(place)
  reader.pump()
  reads[0]?.fail(new Error('damaged'))
  await turn()
  expect(sent).toEqual(['Error: damaged'])
})

test('on a store that others write too, nothing is read before the stays are known that far', async () => {
  let vouched = 0
  const { place, reads, sent, reader } = setup((asked) => {
    vouched += 1
    // Meanwhile the log grows, and it turns out that the stay ended within what was known before.
    asked.vouched = asked.head
    asked.head = 20
    const [stay] = asked.stays
    if (stay !== undefined) stay.to = 7
    return Promise.resolve()
  })
  reader.follow(place)
  reader.pump()
  expect(reads).toEqual([])
  await turn()
  expect(reads.map(({ from, to }) => `${from} to ${to}`)).toEqual(['5 to 7'])
  reads[0]?.answer()
  await turn()
  expect(sent).toEqual(['5+3', 'level'])
  expect(vouched).toBe(1)
})

test('a log that grows while stays are asked for is read as far as they are known, and then asked for again', async () => {
  const { place, reads, reader } = setup((asked) => {
    asked.vouched = asked.head
    asked.head += 5
    return Promise.resolve()
  })
  reader.follow(place)
  reader.pump()
  await turn()
  reads[0]?.answer()
  await turn()
  expect(reads.map(({ from, to }) => `${from} to ${to}`)).toEqual(['5 to 10', '11 to 15'])
})
