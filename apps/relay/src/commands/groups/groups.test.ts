import { chat } from '@parley/proto'
import { describe, expect, it } from 'vitest'
import { emptyWorld } from '../../testing/world.ts'
import type { World, WorldUser } from '../../testing/world.ts'

const { Membership_Change: Change, Notice_Kind: Kind } = chat

function setup() {
  const world = emptyWorld()
  const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => world.register(name))
  world.befriend(alice!, bob!)
  const made = world.run('createGroup', {
    user: alice!.user,
    title: 'trip',
    open: false,
    userIds: [bob!.userId, carol!.userId],
  })
  const { conversationId } = made
  const by = (user: WorldUser) => ({ user: user.user, conversationId })
  const about = (user: WorldUser, other: WorldUser) => ({ ...by(user), otherId: other.userId })
  const group = world.conversation(conversationId)
  return { world, alice: alice!, bob: bob!, carol: carol!, made, group, conversationId, by, about }
}

function changes(world: World, group: number) {
  return world.log(group).map((content) => {
    const { change, userName, role } = content!.value as chat.Membership
    return [change, userName, role]
  })
}

describe('groups in the database', () => {
  it('begin with their owner and contacts; strangers are asked and can accept', () => {
    const { world, made, group, carol, by } = setup()
    expect(made.members).toBe(2)
    expect(world.log(carol.notices)).toMatchObject([
      { value: { kind: Kind.GROUP_INVITED, userName: 'alice', title: 'trip' } },
    ])
    world.run('answerInvitation', { ...by(carol), accept: true })
    expect(changes(world, group)).toEqual([
      [Change.CREATED, 'alice', 3],
      [Change.JOINED, 'bob', 1],
      [Change.JOINED, 'carol', 1],
    ])
    expect(world.outcome('answerInvitation', { ...by(carol), accept: true }).reason).toBeUndefined()
  })

  it('tell the hub of each stay that begins or ends', () => {
    const { world, group, carol, bob, by } = setup()
    const joined = world.outcome('joinGroup', by(carol)).effects
    expect(joined?.stays).toEqual([
      { conversation: group, user: carol.user, joinedSeq: 3, leftSeq: 0 },
    ])
    expect(joined?.entries).toMatchObject([{ conversation: group, seq: 3, sender: 0 }])
    const left = world.outcome('leaveGroup', by(bob)).effects
    expect(left?.stays).toEqual([{ conversation: group, user: bob.user, joinedSeq: 2, leftSeq: 4 }])
  })

  it('are hidden from those who are neither members nor invited', () => {
    const { world, by, conversationId } = setup()
    const dave = world.register('dave')
    expect(world.outcome('joinGroup', by(dave)).reason).toBe('GROUP_UNKNOWN')
    expect(world.outcome('leaveGroup', by(dave)).reason).toBe('GROUP_UNKNOWN')
    const answer = { ...by(dave), accept: true }
    expect(world.outcome('answerInvitation', answer).reason).toBe('NO_INVITATION')
    const invite = { user: dave.user, conversationId, userIds: [] }
    expect(world.outcome('inviteToGroup', invite).reason).toBe('GROUP_UNKNOWN')
  })

  it('refuse invitations to those who block and to nobody, in the same way', () => {
    const { world, alice, bob, by } = setup()
    const dave = world.register('dave')
    world.run('blockUser', { user: dave.user, otherId: bob.userId })
    const nobody = new Uint8Array(16)
    const userIds = [alice.userId, dave.userId, nobody]
    expect(world.run('inviteToGroup', { ...by(bob), userIds })).toEqual({
      joined: [alice.userId],
      invited: [],
      refused: [dave.userId, nobody],
    })
  })

  it('are handed to the longest-serving member when the owner leaves, and end with the last', () => {
    const { world, alice, bob, group, by } = setup()
    world.run('leaveGroup', by(alice))
    expect(changes(world, group).slice(2)).toEqual([
      [Change.LEFT, 'alice', 0],
      [Change.ROLE, 'bob', 3],
    ])
    world.run('leaveGroup', by(bob))
    expect(changes(world, group).at(-1)?.[0]).toBe(Change.DISSOLVED)
    const invitations = world.db.prepare('select count(*) from invitations').pluck().get()
    expect(invitations).toBe(0)
  })

  it('let admins remove members, who hear of it and see nothing after it', () => {
    const { world, alice, bob, carol, group, by, about } = setup()
    world.run('joinGroup', by(carol))
    expect(world.outcome('removeMember', about(bob, carol)).reason).toBe('ADMINS_ONLY')
    world.run('setRole', { ...about(alice, bob), role: 2 })
    expect(world.outcome('removeMember', about(bob, alice)).reason).toBe('OWNER_ONLY')
    world.run('removeMember', about(bob, carol))
    expect(world.log(carol.notices).at(-1)).toMatchObject({ value: { kind: Kind.GROUP_REMOVED } })
    const text = { $case: 'text', value: { text: 'x' } } as const
    expect(() => world.send(carol, by(bob).conversationId, text)).toThrow('NOT_A_MEMBER')
    const stay = world.db
      .prepare('select left_seq from members where conversation = ? and user = ?')
      .pluck()
      .get(group, carol.user)
    expect(stay).toBe(world.log(group).length)
    expect(world.outcome('removeMember', about(bob, carol)).reason).toBe('NOT_A_MEMBER')
    expect(world.outcome('removeMember', about(bob, bob)).reason).toBe('SELF')
  })

  it('take an invitation back', () => {
    const { world, alice, carol, by, about } = setup()
    world.run('removeMember', about(alice, carol))
    const accept = { ...by(carol), accept: true }
    expect(world.outcome('answerInvitation', accept).reason).toBe('NO_INVITATION')
  })

  it('have one owner: who hands the group on becomes an admin', () => {
    const { world, alice, bob, carol, group, about } = setup()
    expect(world.outcome('setRole', { ...about(bob, alice), role: 2 }).reason).toBe('OWNER_ONLY')
    expect(world.outcome('setRole', { ...about(alice, alice), role: 2 }).reason).toBe('SELF')
    expect(world.outcome('setRole', { ...about(alice, carol), role: 2 }).reason).toBe(
      'NOT_A_MEMBER',
    )
    world.run('setRole', { ...about(alice, bob), role: 3 })
    const roles = world.db
      .prepare('select role from members where conversation = ? order by user')
      .pluck()
      .all(group)
    expect(roles).toEqual([2, 3])
  })

  it('are renamed by admins only', () => {
    const { world, alice, bob, group, by } = setup()
    expect(world.outcome('renameGroup', { ...by(bob), title: 'x' }).reason).toBe('ADMINS_ONLY')
    world.run('renameGroup', { ...by(alice), title: 'the trip' })
    world.run('renameGroup', { ...by(alice), title: 'the trip' })
    expect(world.log(group).slice(2)).toMatchObject([{ value: { title: 'the trip' } }])
  })

  it('are dissolved by the owner; then nothing changes any more', () => {
    const { world, alice, bob, carol, by, conversationId } = setup()
    expect(world.outcome('dissolveGroup', by(bob)).reason).toBe('OWNER_ONLY')
    world.run('dissolveGroup', by(alice))
    expect(world.log(carol.notices).at(-1)).toMatchObject({
      value: { kind: Kind.GROUP_DISSOLVED },
    })
    expect(world.outcome('joinGroup', by(carol)).reason).toBe('GROUP_UNKNOWN')
    expect(world.outcome('renameGroup', { ...by(alice), title: 'x' }).reason).toBe('DISSOLVED')
    const text = { $case: 'text', value: { text: 'x' } } as const
    expect(() => world.send(alice, conversationId, text)).toThrow('DISSOLVED')
  })

  it('are open to everybody who knows the id when made so', () => {
    const { world, alice, carol } = setup()
    const { conversationId } = world.run('createGroup', {
      user: alice.user,
      title: 'club',
      open: true,
      userIds: [],
    })
    world.run('joinGroup', { user: carol.user, conversationId })
    expect(world.outcome('joinGroup', { user: carol.user, conversationId }).effects?.stays).toEqual(
      [],
    )
  })

  it('that are open let in again who left, but whom they removed only when invited', () => {
    const { world, alice, bob, carol } = setup()
    const { conversationId } = world.run('createGroup', {
      user: alice.user,
      title: 'club',
      open: true,
      userIds: [],
    })
    const by = (user: WorldUser) => ({ user: user.user, conversationId })
    const joins = (user: WorldUser) => world.outcome('joinGroup', by(user)).reason
    for (const user of [bob, carol]) expect(joins(user)).toBeUndefined()
    world.run('leaveGroup', by(bob))
    expect(joins(bob)).toBeUndefined()
    for (const other of [bob, carol]) {
      world.run('removeMember', { ...by(alice), otherId: other.userId })
      expect(joins(other)).toBe('GROUP_UNKNOWN')
    }
    // A contact of who invites is in at once; somebody else accepts.
    world.run('inviteToGroup', { ...by(alice), userIds: [bob.userId, carol.userId] })
    expect(joins(carol)).toBeUndefined()
    world.run('leaveGroup', by(carol))
    expect(joins(carol)).toBeUndefined()
    expect(world.run('inviteToGroup', { ...by(alice), userIds: [bob.userId] }).joined).toEqual([
      bob.userId,
    ])
  })
})
