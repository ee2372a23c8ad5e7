import { randomBytes } from 'node:crypto'
import { chat } from '@parley/proto'
import { uuidText } from '@parley/service-kit'
import { describe, expect, it } from 'vitest'
import { emptyWorld } from '../testing/world.ts'
import type { WorldUser } from '../testing/world.ts'

const { Membership_Change: Change } = chat

function pictureOf(letter: string) {
  const facts = { width: 640, height: 480, thumbhash: randomBytes(21) }
  return { imageId: letter.repeat(27), digest: randomBytes(32), ...facts }
}

function holderOf(owner: Uint8Array): RegExp {
  return new RegExp(`^${uuidText(owner)}/picture/[0-9a-f-]{36}$`)
}

function setup() {
  const world = emptyWorld()
  const [alice, bob] = [world.register('alice'), world.register('bob')]
  world.befriend(alice, bob)
  const group = { user: alice.user, title: 'trip', open: false, userIds: [bob.userId] }
  const { conversationId } = world.run('createGroup', group)
  const by = ({ user }: WorldUser) => ({ user, conversationId })
  const outbox = () =>
    world.db
      .prepare<[], { service: number; attachment_id: string; holder: string; held: number }>(
        'select * from hold_outbox order by id',
      )
      .all()
      .map(({ service, attachment_id: id, holder, held }) => [service, id[0], holder, held])
  return { world, alice, bob, conversationId, by, outbox }
}

describe('a profile picture', () => {
  it('is held from its transaction on, and let go when another or none takes its place', () => {
    const { world, alice, outbox } = setup()
    const { user } = alice
    const [a, b] = [pictureOf('a'), pictureOf('b')]
    for (const picture of [a, b, undefined]) {
      const answer = world.run('setProfilePicture', { user, picture })
      expect(answer.picture?.imageId).toBe(picture?.imageId)
    }
    const told = outbox()
    const [first, second] = [told[0]?.[2], told[2]?.[2]]
    expect(told).toEqual([
      [2, 'a', first, 1],
      [2, 'a', first, 0],
      [2, 'b', second, 1],
      [2, 'b', second, 0],
    ])
    for (const holder of [first, second]) expect(holder).toMatch(holderOf(alice.userId))
  })

  it('that is set again is held anew: a release of before that is told late frees nothing', () => {
    const { world, alice, outbox } = setup()
    const { user } = alice
    const picture = pictureOf('a')
    for (const each of [picture, undefined, picture]) {
      world.run('setProfilePicture', { user, picture: each })
    }
    const [held, freed, heldAgain] = outbox().map(([, , holder]) => holder)
    expect(freed).toBe(held)
    expect(heldAgain).not.toBe(held)
    expect(heldAgain).toMatch(holderOf(alice.userId))
  })

  it('of the version before is let go under the name it was held by', () => {
    const { world, alice, outbox } = setup()
    const { user } = alice
    world.run('setProfilePicture', { user, picture: pictureOf('a') })
    world.db.exec('update pictures set setting = null')
    world.run('setProfilePicture', { user, picture: undefined })
    expect(outbox().at(-1)).toEqual([2, 'a', `${uuidText(alice.userId)}/picture`, 0])
  })

  it('that is set or taken away twice is held or let go once', () => {
    const { world, alice, outbox } = setup()
    const input = { user: alice.user, picture: pictureOf('a') }
    world.run('setProfilePicture', input)
    world.run('setProfilePicture', input)
    expect(outbox()).toHaveLength(1)
    for (let i = 0; i < 2; i += 1) {
      world.run('setProfilePicture', { user: alice.user, picture: undefined })
    }
    expect(outbox()).toHaveLength(2)
  })

  it('stands in the profile, in what others find, and beside a contact', async () => {
    const { world, alice, bob } = setup()
    const picture = pictureOf('a')
    world.run('setProfilePicture', { user: alice.user, picture })
    expect(await world.ask('profileOf', { userId: alice.userId })).toMatchObject({ picture })
    const found = await world.ask('findUsers', { nameKey: 'al', limit: 5 })
    expect(found).toMatchObject([{ picture }])
    const page = { user: bob.user, afterUserId: new Uint8Array(), limit: 5 }
    expect(await world.ask('contactsPage', page)).toMatchObject([{ name: 'alice', picture }])
    const about = world.run('updateProfile', { user: alice.user, nickname: 'Al', about: undefined })
    expect(about.picture).toEqual(expect.objectContaining({ imageId: picture.imageId }))
  })

  it('stays, unseen, while its user is shut out', async () => {
    const { world, alice, bob, outbox } = setup()
    const picture = pictureOf('a')
    world.run('setProfilePicture', { user: alice.user, picture })
    const asked = { user: bob.user, of: 1, ownerId: alice.userId } as const
    expect(await world.ask('visiblePicture', asked)).toMatchObject(picture)
    world.run('setDisabled', { nameKey: 'alice', disabled: true })
    expect(await world.ask('visiblePicture', asked)).toBeUndefined()
    world.run('setDisabled', { nameKey: 'alice', disabled: false })
    expect(await world.ask('visiblePicture', asked)).toMatchObject(picture)
    expect(outbox()).toHaveLength(1)
  })
})

describe('the picture of a group', () => {
  it('is changed by admins only, and every change that is one stands in the log', () => {
    const { world, alice, bob, by, conversationId } = setup()
    const picture = pictureOf('a')
    expect(world.outcome('setGroupPicture', { ...by(bob), picture }).reason).toBe('ADMINS_ONLY')
    for (const next of [picture, picture, undefined, undefined]) {
      world.run('setGroupPicture', { ...by(alice), picture: next })
    }
    const told = world.log(world.conversation(conversationId)).slice(2)
    expect(told).toMatchObject([
      { value: { change: Change.PICTURE, picture: { imageId: picture.imageId, width: 640 } } },
      { value: { change: Change.PICTURE, picture: undefined } },
    ])
  })

  it('is seen by members and those invited, not by who has left or never came', async () => {
    const { world, alice, bob, by, conversationId } = setup()
    const [carol, dave] = [world.register('carol'), world.register('dave')]
    const picture = pictureOf('a')
    world.run('setGroupPicture', { ...by(alice), picture })
    world.run('inviteToGroup', { ...by(alice), userIds: [carol.userId] })
    const seen = ({ user }: WorldUser) =>
      world.ask('visiblePicture', { user, of: 2, ownerId: conversationId })
    expect(await seen(bob)).toMatchObject(picture)
    expect(await seen(carol)).toMatchObject(picture)
    expect(await seen(dave)).toBeUndefined()
    expect(await world.ask('groupOf', by(carol))).toMatchObject({ group: { picture } })
    expect(await world.ask('groupsOf', { user: bob.user })).toMatchObject([{ picture }])
    world.run('leaveGroup', by(bob))
    expect(await seen(bob)).toBeUndefined()
    const other = { user: alice.user, of: 1, ownerId: conversationId } as const
    expect(await world.ask('visiblePicture', other)).toBeUndefined()
  })

  it.each(['dissolveGroup', 'leaveGroup'] as const)('is let go when %s ends it', async (how) => {
    const { world, alice, bob, by, outbox, conversationId } = setup()
    world.run('setGroupPicture', { ...by(alice), picture: pictureOf('a') })
    world.run('leaveGroup', by(bob))
    world.run(how, by(alice))
    const holder = expect.stringMatching(holderOf(conversationId)) as string
    expect(outbox().map(([, , each, held]) => [each, held])).toEqual([
      [holder, 1],
      [holder, 0],
    ])
    expect(new Set(outbox().map(([, , each]) => each)).size).toBe(1)
    const asked = { user: alice.user, of: 2, ownerId: conversationId } as const
    expect(await world.ask('visiblePicture', asked)).toBeUndefined()
  })
})
