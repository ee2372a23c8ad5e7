import { subjects } from '@parley/bus'
import { events } from '@parley/proto'
import { uuidText, uuidv7 } from '@parley/service-kit'
import { describe, expect, test } from 'vitest'
import type { Journal } from '../store/journal.ts'
import { relaysWorld, sharedKey } from '../testing/relays-world.ts'
import { Draft } from './draft.ts'
import { newsKey, sealNews } from './sealed-news.ts'

/** Bob is at relay b in a group with ann; somebody else can publish on the bus; questions are counted. */
async function setup() {
  const asked: string[] = []
  const around = (journal: Journal): Journal => ({
    ...journal,
    ask(name, args) {
      asked.push(name)
      return journal.ask(name, args)
    },
  })
  const world = relaysWorld({ around })
  const { a, b, done } = world
  const ann = await done(a.register('ann'))
  const bob = await done(a.register('bob'))
  await done(a.befriend(ann, bob))
  const group = await done(a.group(ann, bob))
  const bobHere = b.connect(bob)
  await world.advance(3_000)
  const conversation = [...b.engine.hub.sessions][0]!.placesById.get(group.toString('latin1'))!
  const stranger = world.newBus()
  const subject = subjects.group(uuidText(group))
  /** What a relay would say: an entry, the end of bob's stay, of his login, and that somebody types. */
  const draft = () => {
    const made = new Draft()
    const where = { conversation: conversation.conversation }
    const entry = events.RelayEntry.create({ entry: Buffer.from([0x10, 1]) }).entry
    const stay = { ...where, user: bob.user, joinedSeq: 2, leftSeq: 3 }
    made.add({ is: 'change', entries: [{ ...where, seq: 3, sender: 0, entry }], stays: [stay] })
    made.add({ is: 'login', login: { user: bob.user, login: bob.loginId, why: 'REVOKED' } })
    const typist = { ...where, user: ann.user, userId: ann.userId, userName: 'ann', typing: true }
    made.add({ is: 'typing', typing: typist })
    return made.news
  }
  const stamped = (nowMs = world.scheduler.now()) => {
    const bootId = Buffer.from(uuidv7(world.scheduler))
    return { ...draft(), bootId, number: 1, sentAtMs: nowMs }
  }
  const told = bobHere.events.length
  const untouched = () => bobHere.events.length === told && !bobHere.isEnded
  return { ...world, ann, bob, group, bobHere, stranger, subject, stamped, untouched, asked }
}

describe('what no relay has said', () => {
  test.each<[string, string | (() => Uint8Array), string]>([
    ['garbage', () => Buffer.from('garbage'), 'no message at all'],
    ['nothing', () => new Uint8Array(), 'an empty message'],
    ['another key', 'another key', 'signed, but not by a relay'],
    ['another subject', 'another subject', 'signed for another conversation'],
    ['no signature', 'no signature', 'well-formed news without a signature'],
  ])('changes nothing: %s', async (_name, kind) => {
    const { stranger, subject, stamped, untouched, advance } = await setup()
    const key = newsKey(kind === 'another key' ? 'guessed' : sharedKey)
    const meant = kind === 'another subject' ? subjects.user('somebody') : subject
    const batch = events.RelayBatch.decode(sealNews(key, meant, stamped()))
    if (kind === 'no signature') batch.mac = Buffer.alloc(0)
    const payload = typeof kind === 'string' ? events.RelayBatch.encode(batch).finish() : kind()
    stranger.publish(subject, payload)
    await advance(600)
    expect(untouched()).toBe(true)
  })

  test('would have changed much, had a relay said it', async () => {
    const { stranger, subject, stamped, bobHere, settle } = await setup()
    stranger.publish(subject, sealNews(newsKey(sharedKey), subject, stamped()))
    await settle()
    expect(bobHere.of('kicked')).toMatchObject([{ reason: 'REVOKED' }])
  })

  test('makes a relay compare heads, however much there is of it, at most four times a second', async () => {
    const { stranger, subject, untouched, advance, asked } = await setup()
    const before = asked.filter((name) => name === 'heads').length
    for (let i = 0; i < 100; i += 1) {
      for (let n = 0; n < 5; n += 1) stranger.publish(subject, Buffer.from(`garbage ${i} ${n}`))
      await advance(10)
    }
    const heads = asked.filter((name) => name === 'heads').length - before
    expect(heads).toBeGreaterThan(0)
    // Four a second, and those of a round.
    expect(heads).toBeLessThanOrEqual(5)
    expect(untouched()).toBe(true)
  })

  test('lets a relay find what it has missed', async () => {
    const { a, b, ann, group, stranger, subject, bobHere, deafen, done, advance } = await setup()
    deafen(true)
    const annHere = a.connect(ann, { transient: true })
    annHere.send(group, 'missed')
    stranger.publish(subject, Buffer.from('garbage'))
    await advance(300)
    expect(bobHere.seen(group).at(-1)).toBe('3 missed')
    expect(b.engine.hub.sessions.size).toBe(1)
    await done(Promise.resolve())
  })
})

describe('what a relay has said before', () => {
  test('changes nothing when somebody says it again', async () => {
    const { a, ann, group, stranger, bobHere, settle, advance } = await setup()
    const annHere = a.connect(ann)
    await advance(3_000)
    annHere.tell({ $case: 'typing', value: { conversationId: group, typing: true } })
    annHere.send(group, 'said once')
    await settle()
    const before = bobHere.events.length
    for (const { subject, payload } of [...a.bus.published, ...a.bus.published]) {
      stranger.publish(subject, payload)
    }
    await advance(1_000)
    expect(bobHere.events.length).toBe(before)
    expect(bobHere.seen(group).filter((line) => line.endsWith('said once'))).toEqual([
      '3 said once',
    ])
  })

  test('is no news of who types when it is a minute old', async () => {
    const { scheduler, stranger, subject, stamped, bobHere, settle } = await setup()
    const old = { ...stamped(scheduler.now() - 61_000), endedLogins: [] }
    stranger.publish(subject, sealNews(newsKey(sharedKey), subject, old))
    await settle()
    expect(bobHere.of('typing')).toEqual([])
  })
})
