import { Buffer } from 'node:buffer'
import type { Bus } from '@parley/bus'
import { FakeScheduler } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { noEffects } from '../store/journal.ts'
import type { Appended, Journal } from '../store/journal.ts'
import { Draft, maxChangeBytes, maxDraftBytes, maxDraftFacts } from './draft.ts'
import { maxWaitingFacts, Publisher } from './publisher.ts'
import { Routes } from './routes.ts'
import { newsKey, openNews } from './sealed-news.ts'

const key = newsKey('shared')

function appended(seq: number, bytes = 10): Appended {
  return { conversation: 1, seq, sender: 1, entry: new Uint8Array(bytes) }
}

/** A journal that answers questions by this function. */
function asked(answer: (name: string, args: never) => unknown): Pick<Journal, 'ask'> {
  return { ask: ((name: string, args: never) => Promise.resolve(answer(name, args))) as never }
}

describe('a batch', () => {
  test('is full at so many bytes or facts', () => {
    const large = new Draft()
    large.add({ is: 'change', entries: [appended(1, maxDraftBytes - 1)], stays: [] })
    expect(large.isFull).toBe(false)
    large.add({ is: 'change', entries: [appended(2, 1)], stays: [] })
    expect(large.isFull).toBe(true)
    const many = new Draft()
    for (let i = 0; i < maxDraftFacts; i += 1) many.add({ is: 'contacts', user: i })
    expect(many.isFull).toBe(true)
  })

  test('tells a change that is too large by its head only', () => {
    const draft = new Draft()
    draft.add({ is: 'change', entries: [appended(7, maxChangeBytes + 1)], stays: [] })
    expect(draft.news.changes).toEqual([])
    expect(draft.news.heads).toEqual([{ conversation: 1, seq: 7 }])
  })
})

describe('a publisher', () => {
  function setup(journal = asked(() => ({ conversations: [], users: [] }))) {
    const scheduler = new FakeScheduler()
    const sent: { subject: string; payload: Uint8Array }[] = []
    const bus = {
      publish: (subject: string, payload: Uint8Array) => void sent.push({ subject, payload }),
    } as Bus
    const parts = { bus, scheduler, routes: new Routes(journal), key, bootId: Buffer.alloc(16) }
    const opened = () => sent.map(({ subject, payload }) => openNews(key, subject, payload)!)
    return { scheduler, sent, opened, publisher: new Publisher(parts) }
  }
  const groupRoute = asked((_name, { conversations }: { conversations: number[] }) => ({
    conversations: conversations.map((conversation) => {
      return { conversation, groupId: Buffer.alloc(16, conversation), userIds: [] }
    }),
    users: [],
  }))

  test('tells what one turn brings for a subject in one message, in order', async () => {
    const { scheduler, opened, publisher } = setup(groupRoute)
    for (const seq of [1, 2, 3]) {
      publisher.effects({ ...noEffects, entries: [appended(seq)] })
    }
    await scheduler.advance(0)
    const seqs = opened().map(({ changes }) => changes.map(({ entries }) => entries[0]?.seq))
    expect(seqs).toEqual([[1, 2, 3]])
  })

  test('splits what is too much for one message', async () => {
    const { scheduler, opened, publisher } = setup(groupRoute)
    for (let seq = 1; seq <= 5; seq += 1) {
      const entries = [appended(seq, maxDraftBytes / 2)]
      publisher.effects({ ...noEffects, entries })
    }
    await scheduler.advance(0)
    expect(opened().map(({ changes }) => changes.length)).toEqual([2, 2, 1])
    expect(opened().map(({ number }) => number)).toEqual([1, 2, 3])
  })

  test('drops what is beyond its bound while the store does not say whom it concerns', async () => {
    const never = { ask: () => new Promise(() => undefined) } as never
    const { scheduler, sent, publisher } = setup(never)
    for (let i = 0; i < maxWaitingFacts + 5; i += 1) {
      publisher.tell({ conversation: i }, { is: 'read', conversation: i })
    }
    await scheduler.advance(0)
    expect([sent.length, publisher.dropped]).toEqual([0, 5])
  })

  test('drops what waits when the store cannot say whom it concerns, and tells what comes later', async () => {
    let isAway = true
    const journal = asked((...question) => {
      if (isAway) throw new Error('away')
      return (groupRoute.ask as (...args: unknown[]) => unknown)(...question)
    })
    const failing = {
      ask: async (...args: never[]) =>
        (journal.ask as never as (...a: never[]) => unknown)(...args),
    }
    const { scheduler, opened, publisher } = setup(failing as never)
    publisher.tell({ conversation: 1 }, { is: 'head', conversation: 1, seq: 1 })
    await scheduler.advance(0)
    isAway = false
    publisher.tell({ conversation: 1 }, { is: 'head', conversation: 1, seq: 2 })
    await scheduler.advance(0)
    expect(publisher.dropped).toBe(1)
    expect(opened().flatMap(({ heads }) => heads)).toEqual([{ conversation: 1, seq: 2 }])
  })
})
