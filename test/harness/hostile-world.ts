import { issueAccessToken, issueTicket, openSigner } from '@parley/auth'
import { systemScheduler } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { breaches } from './checker.ts'
import { History } from './history.ts'
import { befriend, makeGroup } from './person.ts'
import type { Person } from './person.ts'
import { Reader, readBack } from './reader.ts'
import { Talker } from './talker.ts'
import { Tus } from './tus.ts'
import { startWorld } from './world.ts'
import type { World } from './world.ts'

/** A world in which somebody does everything wrong while two others chat. */
export interface HostileWorld {
  readonly world: World
  /** The one who does everything wrong. */
  readonly eve: Person
  /** A contact of eve's. */
  readonly friend: Person
  /** A contact of the friend's only. */
  readonly stranger: Person
  /** A group of friend and stranger. */
  readonly group: string
  /** Roots of the file and the image server. */
  readonly files: string
  readonly images: string
}

const anHourAgo: Scheduler = { ...systemScheduler, now: () => Date.now() - 3_600_000 }

/**
 * A world for all tests of the calling file, opened before them; after them one more test sees that
 * the two who chat have noticed nothing and that no process died.
 */
export function hostileWorld(tests: (get: () => HostileWorld) => void): void {
  let opened: HostileWorld | undefined
  let bystanders: Bystanders | undefined
  const get = () => {
    if (opened) return opened
    throw new Error('the world is not open yet')
  }
  beforeAll(async () => {
    opened = await open(await startWorld())
    bystanders = await letThemChat(opened.world)
  })
  afterAll(() => opened?.world.stop())
  tests(get)
  test('all the while nobody else noticed anything, and no process died', async () => {
    await bystanders?.check()
    expect(get().world.deaths()).toEqual([])
  })
}

async function open(world: World): Promise<HostileWorld> {
  const people = await Promise.all(['eve', 'friend', 'stranger'].map((name) => world.person(name)))
  const [eve, friend, stranger] = people as [Person, Person, Person]
  await befriend(eve, friend)
  await befriend(friend, stranger)
  const group = await makeGroup(friend, [stranger])
  const files = `http://127.0.0.1:${world.cluster.ports.files}`
  const images = `http://127.0.0.1:${world.cluster.ports.images}`
  // The servers have the relay's keys a moment after it is up; until then they say "come again".
  for (const base of [files, images]) {
    const tus = new Tus(base, friend.login().accessToken)
    await eventually(async () => (await tus.create(1)).status === 201)
  }
  return { world, eve, friend, stranger, group, files, images }
}

interface Bystanders {
  check(): Promise<void>
}

async function letThemChat(world: World): Promise<Bystanders> {
  const [ann, bob] = [await world.person('ann'), await world.person('bob')]
  await befriend(ann, bob)
  const history = new History()
  const reader = new Reader(history, await bob.device('reader'), "bob's reader")
  const talker = new Talker(history, ann.connect(), { userId: bob.userId }, 'ann')
  const { conversationId } = await talker.say()
  const stop = new AbortController()
  const talking = talker.talk(2, stop.signal)
  return {
    async check() {
      stop.abort()
      await talking
      const head = (await readBack(history, ann, conversationId)).at(-1)?.seq ?? 0
      await eventually(() => reader.seq(conversationId) >= head)
      await reader.close()
      expect(breaches(history)).toEqual([])
      expect(history.accepted()).toBe(history.sends.length)
    },
  }
}

/** An access token that was good an hour ago, signed with the relay's own key. */
export async function expiredAccess({ world, eve }: HostileWorld): Promise<string> {
  const folder = world.cluster.dataFolder('relay')
  const signer = await openSigner({ issuer: 'relay', folder, scheduler: anHourAgo })
  const { userId, deviceId } = eve.login()
  return (await issueAccessToken(signer, { userId, deviceId, loginId: 'login' })).token
}

/** A ticket of eve's for a file, signed with the relay's own key, now or an hour ago. */
export async function ticketFor(
  { world, eve }: HostileWorld,
  blobId: string,
  when: 'now' | 'an hour ago' = 'now',
): Promise<string> {
  const folder = world.cluster.dataFolder('relay')
  const scheduler = when === 'now' ? systemScheduler : anHourAgo
  const signer = await openSigner({ issuer: 'relay', folder, scheduler })
  return (await issueTicket(signer, { userId: eve.userId, blobId }, 'files')).token
}

/** A token with one bit of what it says changed. */
export function tampered(token: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const bytes = Buffer.from(payload, 'base64url')
  const at = bytes.indexOf('"exp":') + 8
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
  return [header, bytes.toString('base64url'), signature].join('.')
}

/** What the stable reason of every refusal looks like. */
export const clearReason = /^[A-Z][A-Z0-9_]+$/
