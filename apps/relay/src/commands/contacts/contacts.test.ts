import { chat } from '@parley/proto'
import { describe, expect, it } from 'vitest'
import { emptyWorld } from '../../testing/world.ts'
import type { World, WorldUser } from '../../testing/world.ts'

const { Notice_Kind: Kind } = chat

function setup() {
  const world = emptyWorld()
  const [alice, bob] = [world.register('alice'), world.register('bob')]
  const about = (user: WorldUser, other: WorldUser) => ({ user: user.user, otherId: other.userId })
  return { world, alice, bob, about }
}

function notices(world: World, user: WorldUser) {
  return world.log(user.notices).map((content) => (content!.value as chat.Notice).kind)
}

describe('contacts in the database', () => {
  it('are told of a request with its words, and of the answer', () => {
    const { world, alice, bob, about } = setup()
    world.run('requestContact', { ...about(alice, bob), text: 'hi, it is me' })
    expect(world.log(bob.notices)).toMatchObject([
      { value: { kind: Kind.CONTACT_REQUESTED, userName: 'alice', text: 'hi, it is me' } },
    ])
    world.run('answerContact', { ...about(bob, alice), accept: true })
    expect(notices(world, alice)).toEqual([Kind.CONTACT_ACCEPTED])
  })

  it('send files to each other, which strangers may not', () => {
    const { world, alice, bob } = setup()
    const file = { $case: 'file', value: chat.File.create({ fileId: 'x' }) } as const
    expect(() => world.send(alice, bob.userId, file)).toThrow('STRANGER_TEXT_ONLY')
    world.befriend(alice, bob)
    expect(world.send(alice, bob.userId, file).seq).toBe(1)
  })

  it('hear of a removal, and are strangers again', () => {
    const { world, alice, bob, about } = setup()
    world.befriend(alice, bob)
    world.run('removeContact', about(alice, bob))
    expect(notices(world, bob)).toEqual([Kind.CONTACT_REQUESTED, Kind.CONTACT_REMOVED])
    expect(world.outcome('removeContact', about(bob, alice)).reason).toBe('NOT_A_CONTACT')
  })

  it('get nothing through a block, until it ends', () => {
    const { world, alice, bob, about } = setup()
    const text = { $case: 'text', value: { text: 'hello' } } as const
    world.run('blockUser', about(bob, alice))
    expect(() => world.send(alice, bob.userId, text)).toThrow('BLOCKED')
    const asked = () => world.outcome('requestContact', { ...about(alice, bob), text: '' }).reason
    expect(asked()).toBe('BLOCKED')
    world.run('unblockUser', about(bob, alice))
    expect(asked()).toBeUndefined()
    expect(world.send(alice, bob.userId, text).seq).toBe(1)
  })

  it('keep remark and team over other changes', () => {
    const { world, alice, bob, about } = setup()
    const remark = { ...about(alice, bob), remark: 'Bobby', team: undefined }
    expect(world.outcome('setRemark', remark).reason).toBe('NOT_A_CONTACT')
    world.befriend(alice, bob)
    world.run('setRemark', remark)
    world.run('setRemark', { ...remark, remark: undefined, team: 'work' })
    world.run('blockUser', about(alice, bob))
    const row = world.db.prepare('select * from friendships where user = ?').get(alice.user)
    expect(row).toMatchObject({ remark: 'Bobby', team: 'work', blocked: 1, state: 4 })
  })

  it('are not there for nobody, oneself or the disabled', () => {
    const { world, alice, bob, about } = setup()
    const request = (otherId: Uint8Array) =>
      world.outcome('requestContact', { user: alice.user, otherId, text: '' }).reason
    expect(request(new Uint8Array(16))).toBe('USER_UNKNOWN')
    expect(request(alice.userId)).toBe('SELF')
    world.run('setDisabled', { nameKey: 'bob', disabled: true })
    expect(request(bob.userId)).toBe('USER_UNKNOWN')
    expect(world.outcome('blockUser', about(alice, bob)).reason).toBeUndefined()
  })
})
