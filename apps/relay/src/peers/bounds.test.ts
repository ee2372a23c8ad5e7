import { Buffer } from 'node:buffer'
import { MemoryBus, MemoryHub, subjects } from '@parley/bus'
import type { Bus } from '@parley/bus'
import { FakeScheduler, recordingLogger } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { Hub } from '../hub/hub.ts'
import { noEffects } from '../store/journal.ts'
import type { Appended, Journal } from '../store/journal.ts'
import { doubtEveryMs, HeadsCheck, maxDoubtful, perQuestion } from './heads-check.ts'
import { flushWithinMs, graceMs, Interest } from './interest.ts'
import { Positions, rememberedPositions } from './positions.ts'
import { maxHeld, Reorder, reorderMs } from './reorder.ts'
import { rememberedBoots, rememberedNumbers, ReplayGuard } from './replay-guard.ts'
import { rememberedRoutes, Routes } from './routes.ts'

const boot = (name: string) => Buffer.from(name.padEnd(16))

function appended(seq: number): Appended {
  return { conversation: 1, seq, sender: 1, entry: new Uint8Array(10) }
}

/** A journal that answers questions by this function. */
function asked(answer: (name: string, args: never) => unknown): Pick<Journal, 'ask'> {
  return { ask: ((name: string, args: never) => Promise.resolve(answer(name, args))) as never }
}

function silentHub(told: Appended[] = []): Hub {
  const hub = new Hub(new Proxy({}, { get: () => () => undefined }) as never)
  const apply = hub.apply.bind(hub)
  hub.apply = (effects, origin) => {
    told.push(...effects.entries)
    apply(effects, origin)
  }
  return hub
}

/** A hub that somebody follows conversation 1 of, and what it was told. */
function followedHub() {
  const told: Appended[] = []
  const hub = silentHub(told)
  const place = { conversation: 1, publicId: boot('group'), kind: 2, epoch: 1 }
  hub.follow({ deliver: () => undefined, heard: () => undefined } as never, place)
  return { hub, seqs: () => told.map(({ seq }) => seq) }
}

describe('the replay guard', () => {
  test('hears each number of a boot once, in any order', () => {
    const guard = new ReplayGuard()
    const numbers = [1, 3, 2, 3, 1, 5_000, 4_999, 5_000]
    const heard = numbers.map((number) => guard.hear(boot('a'), number))
    expect(heard).toEqual(['new', 'new', 'new', 'heard', 'heard', 'new', 'new', 'heard'])
  })

  test('does not know numbers that are too long ago', () => {
    const guard = new ReplayGuard()
    guard.hear(boot('a'), rememberedNumbers + 10)
    expect(guard.hear(boot('a'), 10)).toBe('old')
    expect(guard.hear(boot('a'), 11)).toBe('new')
  })

  test('does not take a slot of the ring for the number that used it before', () => {
    const guard = new ReplayGuard()
    for (const number of [1, 2, 3]) guard.hear(boot('a'), number)
    guard.hear(boot('a'), rememberedNumbers + 3)
    expect(guard.hear(boot('a'), rememberedNumbers + 2)).toBe('new')
  })

  test('forgets the boot that was silent longest when there are too many', () => {
    const guard = new ReplayGuard()
    for (let i = 0; i <= rememberedBoots; i += 1) guard.hear(boot(`${i}`), 1)
    expect(guard.hear(boot('1'), 1)).toBe('heard')
    expect(guard.hear(boot('0'), 1)).toBe('new')
  })
})

describe('interest', () => {
  function setup(bus?: Partial<Bus>) {
    const scheduler = new FakeScheduler()
    const { log } = recordingLogger()
    const hub = new MemoryHub()
    const own = new MemoryBus({ hub, scheduler, log })
    const other = new MemoryBus({ hub, scheduler, log })
    const heard: string[] = []
    const refusals: string[] = []
    const interest = new Interest({
      bus: Object.assign(own, bus),
      scheduler,
      hear: (_payload, subject) => void heard.push(subject),
      refused: (subject) => void refusals.push(subject),
    })
    return { scheduler, other, interest, heard, refusals }
  }
  const subject = subjects.user('ann')

  test('hears a subject once, however many need it, and some time after the last has gone', async () => {
    const { scheduler, other, interest, heard } = setup()
    for (let i = 0; i < 3; i += 1) interest.acquire(subject, () => [])
    other.publish(subject, new Uint8Array())
    await scheduler.advance(0)
    expect(heard.length).toBe(1)
    for (let i = 0; i < 3; i += 1) interest.release(subject)
    await scheduler.advance(graceMs - 1)
    expect(interest.size).toBe(1)
    await scheduler.advance(graceMs)
    expect(interest.size).toBe(0)
    other.publish(subject, new Uint8Array())
    await scheduler.advance(0)
    expect(heard.length).toBe(1)
  })

  test('keeps a subject that is needed again before it was left', async () => {
    const { scheduler, interest } = setup()
    interest.acquire(subject, () => [])
    interest.release(subject)
    await scheduler.advance(graceMs / 2)
    interest.acquire(subject, () => [])
    await scheduler.advance(3 * graceMs)
    expect(interest.size).toBe(1)
  })

  test('waits for the bus, but not long', async () => {
    const { scheduler, interest } = setup({ flush: () => new Promise(() => undefined) })
    interest.acquire(subject, () => [])
    let isReady = false
    void interest.ready().then(() => (isReady = true))
    await scheduler.advance(flushWithinMs - 1)
    expect(isReady).toBe(false)
    await scheduler.advance(1)
    await scheduler.advance(0)
    expect(isReady).toBe(true)
  })

  test('waits for a flush that is under way when another needs the same subject', async () => {
    const flushes: (() => void)[] = []
    const { scheduler, interest } = setup({
      flush: () => new Promise<void>((resolve) => flushes.push(resolve)),
    })
    const ready: string[] = []
    const need = (who: string, what: string) => {
      interest.acquire(what, () => [])
      void interest.ready().then(() => ready.push(who))
    }
    need('first', subject)
    await scheduler.advance(0)
    need('second', subject)
    need('third', subjects.user('bob'))
    await scheduler.advance(0)
    expect([ready, flushes.length]).toEqual([[], 2])
    flushes[0]?.()
    await scheduler.advance(0)
    expect(ready).toEqual(['first', 'second'])
    flushes[1]?.()
    await scheduler.advance(0)
    expect(ready).toEqual(['first', 'second', 'third'])
  })

  test('flushes once for all that connect in a turn, and not when nothing is new', async () => {
    let flushes = 0
    const flush = () => {
      flushes += 1
      return Promise.resolve()
    }
    const { scheduler, interest } = setup({ flush })
    for (const name of ['a', 'b', 'c']) interest.acquire(subjects.user(name), () => [])
    const all = Promise.all([interest.ready(), interest.ready(), interest.ready()])
    await scheduler.advance(0)
    await all
    await interest.ready()
    expect(flushes).toBe(1)
  })

  test('goes on without a subject that the bus refuses', () => {
    const subscribe = () => {
      throw new Error('too many')
    }
    const { interest, refusals } = setup({ subscribe })
    interest.acquire(subject, () => [1])
    expect(refusals).toEqual([subject])
    expect(interest.concernedBy(subject)).toEqual([1])
  })
})

describe('the order of entries of several relays', () => {
  test('is made good by waiting 5 ms', async () => {
    const scheduler = new FakeScheduler()
    const { hub, seqs } = followedHub()
    const reorder = new Reorder(hub, scheduler)
    for (const seq of [1, 4, 3]) reorder.take(appended(seq))
    expect(seqs()).toEqual([1])
    reorder.take(appended(2))
    expect(seqs()).toEqual([1, 2, 3, 4])
    await scheduler.advance(reorderMs)
    expect(seqs()).toEqual([1, 2, 3, 4])
  })

  test('is made good by what this relay delivers itself', () => {
    const { hub, seqs } = followedHub()
    const reorder = new Reorder(hub, new FakeScheduler())
    for (const seq of [1, 3]) reorder.take(appended(seq))
    hub.apply({ ...noEffects, entries: [appended(2)] }, undefined)
    reorder.caughtUp(1)
    expect(seqs()).toEqual([1, 2, 3])
  })

  test('is given up after 5 ms', async () => {
    const scheduler = new FakeScheduler()
    const { hub, seqs } = followedHub()
    const reorder = new Reorder(hub, scheduler)
    for (const seq of [1, 4, 3]) reorder.take(appended(seq))
    await scheduler.advance(reorderMs)
    expect(seqs()).toEqual([1, 3, 4])
  })

  test('is not waited for by more than so many', () => {
    const { hub, seqs } = followedHub()
    const reorder = new Reorder(hub, new FakeScheduler())
    reorder.take(appended(1))
    for (let i = 0; i <= maxHeld; i += 1) reorder.take(appended(3 + i))
    expect(seqs()).toEqual([1, 3 + maxHeld])
  })
})

describe('what is remembered', () => {
  test('of routes are so many; a forgotten one is asked for again', async () => {
    const routes = new Routes(
      asked((_name, { users }: { users: number[] }) => ({
        conversations: [],
        users: users.map((user) => ({ user, userId: new Uint8Array(16) })),
      })),
    )
    for (let at = 0; at <= rememberedRoutes; at += perQuestion) {
      await routes.learn(Array.from({ length: perQuestion }, (_, i) => ({ user: at + i })))
    }
    expect(routes.of({ user: 0 })).toBeUndefined()
    expect(routes.of({ user: rememberedRoutes })).toHaveLength(1)
  })

  test('of positions are so many; of the same or a lesser one nothing is told', () => {
    const positions = new Positions()
    const position = (user: number, deliveredSeq: number) => {
      return { conversation: 1, user, userId: boot('a'), deliveredSeq, readSeq: 0 }
    }
    const told = [5, 5, 4, 6].map((seq) => positions.isNews(position(0, seq)))
    expect(told).toEqual([true, false, false, true])
    for (let user = 1; user <= rememberedPositions; user += 1) positions.isNews(position(user, 1))
    expect(positions.isNews(position(0, 1))).toBe(true)
  })
})

describe('comparing heads', () => {
  function setup() {
    const scheduler = new FakeScheduler()
    const questions: number[] = []
    const journal = asked((_name, { conversations }: { conversations: number[] }) => {
      questions.push(conversations.length)
      return []
    })
    const ready = () => Promise.resolve()
    const heads = new HeadsCheck({ hub: silentHub(), journal, scheduler, ready })
    return { scheduler, questions, heads }
  }

  test('asks for a thousand at a time', async () => {
    const { heads, questions } = setup()
    await heads.compare(Array.from({ length: perQuestion * 2 + 1 }, (_, i) => i))
    expect(questions).toEqual([perQuestion, perQuestion, 1])
  })

  test('asks at once, after 250 ms and after 2 s for what sessions have begun to follow', async () => {
    const { scheduler, heads, questions } = setup()
    heads.entered([1, 2])
    heads.entered([2, 3])
    await scheduler.advance(0)
    expect(questions).toEqual([3])
    await scheduler.advance(250)
    expect(questions).toEqual([3, 3])
    await scheduler.advance(1_750)
    expect(questions).toEqual([3, 3, 3])
    await scheduler.advance(10_000)
    expect(questions).toEqual([3, 3, 3])
  })

  test('asks for so many doubtful ones at most', async () => {
    const { scheduler, heads, questions } = setup()
    for (let i = 0; i < maxDoubtful + 10; i += 1) heads.doubt(`user.${i}`, () => [i])
    await scheduler.advance(doubtEveryMs)
    expect(questions).toEqual([maxDoubtful])
  })

  test('looks once for many messages what a doubtful subject speaks of', async () => {
    const { scheduler, heads, questions } = setup()
    let looked = 0
    const doubt = () =>
      heads.doubt('user.1', () => {
        looked += 1
        return [1, 2]
      })
    for (let i = 0; i < 1_000; i += 1) doubt()
    expect(looked).toBe(1)
    await scheduler.advance(doubtEveryMs)
    expect(questions).toEqual([2])
    doubt()
    expect(looked).toBe(2)
  })
})
