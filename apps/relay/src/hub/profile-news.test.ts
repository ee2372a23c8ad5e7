import { chat } from '@parley/proto'
import { FakeScheduler } from '@parley/testkit'
import { expect, test } from 'vitest'
import type { Session } from '../session/session.ts'
import type { Journal } from '../store/journal.ts'
import { maxWaitingProfiles, ProfileNews, profilesPerRound } from './profile-news.ts'

const idOf = (user: number) => {
  const id = Buffer.alloc(16)
  id.writeUInt32BE(user)
  return id
}

/** Sessions of users 1, 2 and so on, of whom the test says who follows whom. */
function setup() {
  const scheduler = new FakeScheduler()
  const told: string[] = []
  const sessions = new Map<number, Set<Session>>()
  const followers = new Map<number, Set<Session>>()
  const store = { asked: 0, isAway: false, nicknames: new Map<number, string>() }
  /** What a slow store has read and not answered yet. */
  const unanswered: (() => void)[] = []
  const answered = { atOnce: true }
  const session = (name: string, user: number, isTransient = false) => {
    const mention = (key: string, frame: Buffer) => {
      for (const { event } of chat.ConnectResponse.decode(frame).events) {
        if (event?.$case !== 'profileChanged') continue
        expect(key).toMatch(/^profile\//u)
        told.push(`${name}: ${event.value.profile?.nickname}`)
      }
    }
    const here = { identity: { user, userId: idOf(user) }, isTransient, mention }
    sessions.set(user, (sessions.get(user) ?? new Set()).add(here as unknown as Session))
    return here as unknown as Session
  }
  const follows = (one: Session, user: number) =>
    followers.set(user, (followers.get(user) ?? new Set()).add(one))
  const ask = (_name: string, { userId }: { readonly userId: Buffer }) => {
    store.asked += 1
    const nickname = store.nicknames.get(userId.readUInt32BE())
    if (store.isAway) return Promise.reject(new Error('away'))
    const profile = { publicId: userId, name: 'ann', nickname, about: '', picture: undefined }
    const found = nickname === undefined ? undefined : profile
    if (answered.atOnce) return Promise.resolve(found)
    return new Promise((resolve) => unanswered.push(() => resolve(found)))
  }
  const news = new ProfileNews({
    hub: { sessionsOf: (user) => sessions.get(user) ?? new Set() },
    presence: {
      followed(user) {
        const all = followers.get(user)
        return all && { userId: idOf(user), sessions: all }
      },
    },
    journal: { ask } as unknown as Pick<Journal, 'ask'>,
    scheduler,
  })
  return { scheduler, told, followers, store, answered, unanswered, session, follows, news }
}

test('those who follow a user and the own devices are told, and nobody else', async () => {
  const { scheduler, told, store, session, follows, news } = setup()
  follows(session('bob', 2), 1)
  session('carol', 3)
  session('own phone', 1)
  session('own command', 1, true)
  store.nicknames.set(1, 'Annie')
  news.changed(1)
  await scheduler.advance(1_000)
  expect(told.toSorted()).toEqual(['bob: Annie', 'own phone: Annie'])
})

test('many changes of a second are told once, as it is in the end', async () => {
  const { scheduler, told, store, session, follows, news } = setup()
  follows(session('bob', 2), 1)
  for (let i = 0; i < 100; i += 1) {
    store.nicknames.set(1, `Ann ${i}`)
    news.changed(1)
  }
  await scheduler.advance(3_000)
  expect([told, store.asked]).toEqual([['bob: Ann 99'], 1])
})

test('nothing is read of whom nobody here follows, nor told of one who is shut out', async () => {
  const { scheduler, told, store, session, follows, news } = setup()
  news.changed(7)
  await scheduler.advance(1_000)
  expect(store.asked).toBe(0)
  follows(session('bob', 2), 1)
  news.changed(1)
  await scheduler.advance(1_000)
  expect([told, store.asked]).toEqual([[], 1])
})

test('a profile that cannot be read now is told later', async () => {
  const { scheduler, told, store, session, follows, news } = setup()
  follows(session('bob', 2), 1)
  Object.assign(store, { isAway: true })
  store.nicknames.set(1, 'Annie')
  news.changed(1)
  await scheduler.advance(2_000)
  expect(told).toEqual([])
  store.isAway = false
  await scheduler.advance(1_000)
  expect(told).toEqual(['bob: Annie'])
})

test('who may not see the user any more when it is read is told nothing', async () => {
  const { scheduler, told, store, followers, session, follows, news } = setup()
  follows(session('bob', 2), 1)
  store.nicknames.set(1, 'Annie')
  news.changed(1)
  followers.clear()
  await scheduler.advance(1_000)
  expect(told).toEqual([])
})

test('a profile is not read again before the answer has come: the older one would be told last', async () => {
  const { scheduler, told, store, answered, unanswered, session, follows, news } = setup()
  follows(session('bob', 2), 1)
  answered.atOnce = false
  store.nicknames.set(1, 'Annie')
  news.changed(1)
  await scheduler.advance(1_000)
  store.nicknames.set(1, 'Anna')
  news.changed(1)
  answered.atOnce = true
  await scheduler.advance(3_000)
  expect([told, store.asked]).toEqual([[], 1])
  for (const answer of unanswered) answer()
  await scheduler.advance(1_000)
  expect(told).toEqual(['bob: Annie', 'bob: Anna'])
})

test('no more are being read at once, however slow the store is', async () => {
  const { scheduler, store, answered, unanswered, session, follows, news } = setup()
  const bob = session('bob', 200_000)
  answered.atOnce = false
  for (let user = 1; user <= 2 * profilesPerRound; user += 1) {
    follows(bob, user)
    news.changed(user)
  }
  await scheduler.advance(5_000)
  expect(store.asked).toBe(profilesPerRound)
  unanswered[0]?.()
  await scheduler.advance(1_000)
  expect(store.asked).toBe(profilesPerRound + 1)
})

test('so many are read in one round, and more than 10,000 do not wait', async () => {
  const { scheduler, store, session, follows, news } = setup()
  const bob = session('bob', 200_000)
  for (let user = 1; user <= maxWaitingProfiles + 1; user += 1) {
    follows(bob, user)
    news.changed(user)
  }
  await scheduler.advance(1_000)
  expect(store.asked).toBe(profilesPerRound)
  await scheduler.advance((maxWaitingProfiles / profilesPerRound) * 1_000)
  expect(store.asked).toBe(maxWaitingProfiles)
})
