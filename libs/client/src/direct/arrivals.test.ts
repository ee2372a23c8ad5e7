import { chat } from '@parley/proto'
import { systemScheduler, uuidv7 } from '@parley/service-kit'
import { describe, expect, test } from 'vitest'
import { Arrivals, doubtAfterMs, maxAwaited, maxRemembered } from './arrivals.ts'

const ann = Buffer.alloc(16, 1)
const eve = Buffer.alloc(16, 2)
const newId = () => Buffer.from(uuidv7(systemScheduler))

function said(clientMessageId: Buffer, words: string, replyToSeq = 0): chat.DirectText {
  return { clientMessageId, text: { text: words }, replyToSeq }
}

function entry(clientMessageId: Buffer, words: string, senderId = ann): chat.Entry {
  const content = { content: { $case: 'text' as const, value: { text: words } } }
  return { ...chat.Entry.create({}), senderId, clientMessageId, content }
}

describe('a message that comes by two ways', () => {
  test('is shown when it comes directly, and not when the log has it', () => {
    const arrivals = new Arrivals()
    const id = newId()
    expect(arrivals.direct(ann, said(id, 'hello'), 0)).toBe(true)
    expect(arrivals.direct(ann, said(id, 'hello'), 0)).toBe(false)
    expect(arrivals.stored(entry(id, 'hello'))).toBe('shown')
    // Whatever comes again is no news.
    expect(arrivals.direct(ann, said(id, 'hello'), 0)).toBe(false)
    expect(arrivals.stored(entry(id, 'hello'))).toBe('new')
    expect(arrivals.awaited).toBe(0)
  })

  test('is not shown directly when the log was faster', () => {
    const arrivals = new Arrivals()
    const id = newId()
    expect(arrivals.stored(entry(id, 'hello'))).toBe('new')
    expect(arrivals.direct(ann, said(id, 'hello'), 0)).toBe(false)
  })

  test('with other words is a contradiction, and the log counts', () => {
    const [one, other] = [newId(), newId()]
    const arrivals = new Arrivals()
    arrivals.direct(ann, said(one, 'pay ann'), 0)
    arrivals.direct(ann, said(other, 'yes', 3), 0)
    expect(arrivals.stored(entry(one, 'pay eve'))).toBe('contradicted')
    expect(arrivals.stored(entry(other, 'yes'))).toBe('contradicted')
  })

  test('is not mistaken for that of another sender under the same id', () => {
    const arrivals = new Arrivals()
    const id = newId()
    arrivals.direct(ann, said(id, 'hello'), 0)
    expect(arrivals.stored(entry(id, 'hello', eve))).toBe('new')
    expect(arrivals.stored(entry(id, 'hello', ann))).toBe('shown')
  })
})

test('entries of the server have no second copy', () => {
  const arrivals = new Arrivals()
  for (let i = 0; i < 3; i += 1) expect(arrivals.stored(entry(Buffer.alloc(0), ''))).toBe('new')
})

test('a message that the log lacks for long is doubted once, and still not shown twice', () => {
  const arrivals = new Arrivals()
  const id = newId()
  arrivals.direct(ann, said(id, 'hello'), 0)
  expect(arrivals.doubtful(doubtAfterMs - 1)).toEqual([])
  // While the server was away nothing could come.
  arrivals.excuse(doubtAfterMs)
  expect(arrivals.doubtful(doubtAfterMs + 1)).toEqual([])
  expect(arrivals.doubtful(2 * doubtAfterMs)).toEqual([id])
  expect(arrivals.doubtful(9 * doubtAfterMs)).toEqual([])
  expect(arrivals.stored(entry(id, 'hello'))).toBe('shown')
})

test('so many are awaited: what comes directly beyond that is left to the server', () => {
  const arrivals = new Arrivals()
  const ids = Array.from({ length: maxAwaited + 1 }, newId)
  const taken = ids.map((id) => arrivals.direct(ann, said(id, 'x'), 0))
  expect(taken.filter(Boolean).length).toBe(maxAwaited)
  const last = ids.at(-1)!
  expect(arrivals.stored(entry(last, 'x'))).toBe('new')
})

test('of the log the newest are remembered', () => {
  const arrivals = new Arrivals()
  const ids = Array.from({ length: maxRemembered + 1 }, newId)
  for (const id of ids) arrivals.stored(entry(id, 'x'))
  expect(arrivals.direct(ann, said(ids[1]!, 'x'), 0)).toBe(false)
  expect(arrivals.direct(ann, said(ids[0]!, 'x'), 0)).toBe(true)
})
