import { describe, expect, it } from 'vitest'
import { emptyWorld } from '../../testing/world.ts'
import type { WorldUser } from '../../testing/world.ts'

const text = { $case: 'text', value: { text: 'hello' } } as const

function setup() {
  const world = emptyWorld()
  const [ann, bob] = [world.register('ann'), world.register('bob')]
  /** Whether Ann sees Bob's presence: named in a watch list, as a contact, and in the list of who is online. */
  const sees = async () => {
    const watched = async (userIds: readonly Uint8Array[], contacts: boolean) =>
      (await world.ask('visibleUsers', { user: ann.user, userIds, contacts })).length > 0
    const page = { user: ann.user, afterUserId: new Uint8Array(), limit: 10 }
    return {
      named: await watched([bob.userId], false),
      contact: await watched([], true),
      online: (await world.ask('acquaintances', page)).length > 0,
    }
  }
  const group = (...members: WorldUser[]) => {
    const userIds = members.map(({ userId }) => userId)
    world.run('createGroup', { user: bob.user, title: 'a group', open: true, userIds })
  }
  const about = (user: WorldUser, other: WorldUser) => ({ user: user.user, otherId: other.userId })
  return { world, ann, bob, sees, group, about }
}

const nothing = { named: false, contact: false, online: false }

describe('the presence of a user', () => {
  it('is seen by contacts', async () => {
    const { world, ann, bob, sees } = setup()
    world.befriend(ann, bob)
    expect(await sees()).toEqual({ named: true, contact: true, online: true })
  })

  it('is seen by members of the same group', async () => {
    const { world, ann, bob, sees, group, about } = setup()
    world.befriend(ann, bob)
    group(ann)
    world.run('removeContact', about(ann, bob))
    expect(await sees()).toEqual({ named: true, contact: false, online: true })
  })

  it('is not seen by a stranger who has written', async () => {
    const { world, ann, bob, sees } = setup()
    world.send(ann, bob.userId, text)
    expect(await sees()).toEqual(nothing)
  })

  it('is not seen by a former contact with whom there is a conversation', async () => {
    const { world, ann, bob, sees, about } = setup()
    world.befriend(ann, bob)
    world.send(bob, ann.userId, text)
    world.run('removeContact', about(bob, ann))
    expect(await sees()).toEqual(nothing)
  })

  it('is not seen through a block, in a common group neither', async () => {
    const { world, ann, bob, sees, group, about } = setup()
    world.befriend(ann, bob)
    group(ann)
    world.run('blockUser', about(bob, ann))
    expect(await sees()).toEqual(nothing)
  })

  it('is not seen when the user is disabled', async () => {
    const { world, ann, bob, sees } = setup()
    world.befriend(ann, bob)
    world.run('setDisabled', { nameKey: 'bob', disabled: true })
    expect(await sees()).toEqual(nothing)
  })
})
