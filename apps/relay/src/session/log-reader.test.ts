import { expect, test } from 'vitest'
import type { Place } from '../domain/place.ts'
import type { LogRun } from '../store/journal.ts'
import { LogReader } from './log-reader.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A log of ten entries whose reads are answered when the test says so. */
function setup() {
  const place = { conversation: 1, stays: [{ from: 1, to: Infinity }], sent: 4, head: 10 } as Place
  const reads: { from: number; answer: () => void }[] = []
  const sent: string[] = []
  const reader = new LogReader({
    readLog: (_conversation, from, to) =>
      new Promise<LogRun>((resolve) => {
        const run = { firstSeq: from, count: to - from + 1, packed: new Uint8Array() }
        reads.push({ from, answer: () => resolve(run) })
      }),
    vouch: undefined,
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
