import { once } from 'node:events'
import { join } from 'node:path'
import { freePort } from '@parley/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { threeStrangers } from './testing/people.ts'
import type { People, Person, World } from './testing/people.ts'
import { endOf, runParley, startParley } from './testing/run-parley.ts'

let people: People
let world: World
let folder: string
let alice: Person
let bob: Person
let carol: Person

beforeAll(async () => {
  people = await threeStrangers()
  ;({ world, folder, alice, bob, carol } = people)
}, 120_000)

afterAll(() => people?.end(), 60_000)

const limitMs = 120_000

function isNotices(conversation: unknown): boolean {
  return (conversation as { kind?: string } | undefined)?.kind === 'notices'
}

describe('accounts', () => {
  test(
    'a taken name, a wrong password and an unknown user are refused with 1',
    async () => {
      const stranger = world.person('alice')
      const env = { ...stranger.env, PARLEY_HOME: join(folder, 'home-x') }
      expect(await runParley(env, ['register', 'alice'])).toMatchObject({ code: 1, out: '' })
      const wrong = { ...env, PARLEY_PASSWORD: 'not the password' }
      expect(await runParley(wrong, ['login', 'alice'])).toMatchObject({ code: 1, out: '' })
      expect(await bob.run('profile', 'nobody-at-all')).toMatchObject({ code: 1, lines: [] })
    },
    limitMs,
  )

  test(
    'a profile is changed and found',
    async () => {
      await carol.does('profile', '--nickname', 'Caro 卡罗', '--about', 'likes tea')
      expect(await bob.does('profile', '@carol')).toMatchObject([{ nickname: 'Caro 卡罗' }])
      expect(await bob.does('users', 'car')).toMatchObject([{ type: 'user', name: 'carol' }])
    },
    limitMs,
  )

  test(
    'a password is changed and works for a second device, which can be ended',
    async () => {
      const dora = world.person('dora')
      await dora.does('register', 'dora')
      const fresh = { ...dora.env, PARLEY_NEW_PASSWORD: 'another long one' }
      expect(await runParley(fresh, ['passwd'])).toMatchObject({ code: 0 })
      const second = { ...dora.env, PARLEY_HOME: join(folder, 'home-dora-2') }
      const login = ['login', 'dora', '--password-stdin', '--json']
      const entered = await runParley(second, login, 'another long one\n')
      expect(entered).toMatchObject({ code: 0, lines: [{ type: 'login', userName: 'dora' }] })
      expect(await dora.does('devices')).toHaveLength(2)
      const watch = startParley(second, ['watch', '--json'])
      const watched = endOf(watch)
      await once(watch.stdout, 'data')
      await dora.does('devices', 'revoke', String(entered.lines[0]?.['deviceId']))
      expect(await watched).toMatchObject({ code: 1, err: expect.stringMatching(/has ended/) })
      const unsent = await runParley(second, ['send', '@alice', 'x', '--json'])
      expect(unsent).toMatchObject({ code: 1, err: expect.stringMatching(/log in again/) })
      expect(await dora.does('devices')).toMatchObject([{ current: true }])
      expect(await runParley(second, ['inbox'])).toMatchObject({ code: 1 })
      await dora.does('logout')
      expect(await dora.run('inbox')).toMatchObject({ code: 1 })
      const bobs = { ...bob.env, PARLEY_HOME: second.PARLEY_HOME }
      expect(await runParley(bobs, ['login', 'bob'])).toMatchObject({
        out: 'logged in as bob, no longer as dora\n',
      })
    },
    limitMs,
  )
})

describe('friends', () => {
  test(
    'a request is seen, accepted and remarked upon',
    async () => {
      const asked = await alice.does('friends', 'add', 'bob', '--text', 'We met at the lake')
      expect(asked).toMatchObject([{ type: 'contact-changed', name: 'bob', state: 'asked' }])
      expect(await bob.does('inbox')).toContainEqual(
        expect.objectContaining({
          type: 'friend-request',
          name: 'alice',
          text: 'We met at the lake',
        }),
      )
      const notices = async () =>
        (await bob.does('inbox')).find((line) => isNotices(line['conversation']))
      expect(await notices()).toMatchObject({ answered: false })
      await bob.does('friends', 'accept', 'alice')
      expect((await bob.does('inbox')).filter(({ type }) => type === 'friend-request')).toEqual([])
      expect(await notices()).toMatchObject({ answered: true })
      // A first message to a new friend can wait for a server that is away.
      const away = { ...bob.env, PARLEY_SERVER: `127.0.0.1:${await freePort()}` }
      const queued = await runParley(away, ['send', '@alice', 'soon', '--json'])
      expect(queued).toMatchObject({ code: 3, lines: [{ type: 'queued' }] })
      await alice.does('friends', 'remark', 'bob', 'Bob from the lake', '--team', 'walks')
      expect(await alice.does('friends')).toMatchObject([
        {
          type: 'contact',
          name: 'bob',
          state: 'contact',
          remark: 'Bob from the lake',
          team: 'walks',
        },
      ])
    },
    limitMs,
  )

  test(
    'a blocked user is refused until the block ends',
    async () => {
      await bob.does('friends', 'block', 'carol')
      const refused = await carol.run('send', '@bob', 'hello?')
      expect(refused).toMatchObject({ code: 1, lines: [] })
      expect(JSON.parse(refused.err)).toMatchObject({ type: 'error', reason: 'BLOCKED' })
      await bob.does('friends', 'unblock', 'carol')
      await carol.does('send', '@bob', 'hello!')
    },
    limitMs,
  )
})

describe('groups', () => {
  test(
    'are made, entered by consent, run and dissolved',
    async () => {
      const [group] = await alice.does('groups', 'create', 'Tea time', 'bob', 'carol')
      expect(group).toMatchObject({ type: 'group', title: 'Tea time', role: 'owner' })
      expect(await carol.does('inbox')).toContainEqual(
        expect.objectContaining({ type: 'invitation', title: 'Tea time', invitedBy: 'alice' }),
      )
      await carol.does('groups', 'join', 'Tea')
      await carol.does('send', '#Tea', 'I bring the biscuits')
      await alice.does('groups', 'role', '#Tea', 'bob', 'admin')
      await bob.does('groups', 'rename', 'Tea time', '茶')
      expect(await bob.does('groups', 'members', '茶')).toHaveLength(3)
      await bob.does('groups', 'remove', '茶', 'carol')
      expect(await carol.run('send', String(group?.['conversationId']), 'x')).toMatchObject({
        code: 1,
      })
      // What was said while she was a member stays hers.
      expect(await carol.does('history', '#茶')).toContainEqual(
        expect.objectContaining({ content: { kind: 'text', text: 'I bring the biscuits' } }),
      )
      await alice.does('groups', 'dissolve', '茶')
      expect(await bob.run('send', '#茶', 'anybody?')).toMatchObject({ code: 1 })
    },
    limitMs,
  )
})

describe('parley-admin', () => {
  test(
    'lists accounts, makes codes, disables and resets',
    async () => {
      const listed = await world.admin('users', 'al')
      expect(listed).toMatchObject({ code: 0, lines: [{ type: 'account', name: 'alice' }] })
      expect(await world.admin('invite-code')).toMatchObject({ code: 0, lines: [{ uses: 1 }] })
      const mallory = world.person('mallory')
      await mallory.does('register', 'mallory')
      expect(await world.admin('disable', 'mallory')).toMatchObject({ code: 0 })
      expect(await mallory.run('inbox')).toMatchObject({ code: 1 })
      expect(await world.admin('disable', 'mallory', '--undo')).toMatchObject({ code: 0 })
      const reset = await world.admin('reset-password', 'mallory', '--generate')
      const password = String(reset.lines[0]?.['password'])
      const env = { ...mallory.env, PARLEY_PASSWORD: password }
      expect(await runParley(env, ['login', 'mallory'])).toMatchObject({ code: 0 })
      expect(await world.admin('sessions')).toMatchObject({ code: 0 })
    },
    limitMs,
  )

  test(
    'without the right key is refused',
    async () => {
      const relay = world.cluster.addresses('relay')['internal'] ?? ''
      const wrong = { RELAY_INTERNAL: relay, OPERATOR_KEY: 'x'.repeat(43) }
      expect(await runParley(wrong, ['users'], '', 'parley-admin')).toMatchObject({
        code: 1,
        out: '',
      })
      const none = { RELAY_INTERNAL: relay, DATA_DIR: join(folder, 'no', 'where') }
      const ended = await runParley(none, ['users'], '', 'parley-admin')
      expect(ended).toMatchObject({ code: 1, err: expect.stringContaining('OPERATOR_KEY') })
    },
    limitMs,
  )
})
