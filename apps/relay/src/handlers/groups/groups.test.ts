import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startRelayWorld } from '../../testing/relay-world.ts'
import type { Person, RelayWorld } from '../../testing/relay-world.ts'

describe('contacts and groups over gRPC', () => {
  let folder = ''
  let world: RelayWorld
  const people: Person[] = []
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
    world = await startRelayWorld(folder)
    for (const name of ['alice', 'bob', 'carol']) people.push(await world.register(name))
  })
  afterAll(async () => {
    await world.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('lists contacts with state, remark, team and the words of a request', async () => {
    const [alice, bob, carol] = people as [Person, Person, Person]
    await alice.contacts.request({ userId: bob.userId, text: 'hi' })
    expect((await bob.contacts.list()).contacts).toMatchObject([
      { name: 'alice', state: 3, text: 'hi', blocked: false },
    ])
    await bob.contacts.answer({ userId: alice.userId, accept: true })
    await alice.contacts.setRemark({ userId: bob.userId, remark: 'Bobby', team: 'work' })
    await alice.contacts.setRemark({ userId: bob.userId, remark: 'Bob' })
    await alice.contacts.block({ userId: carol.userId })
    const { contacts, more } = await alice.contacts.list()
    expect(more).toBe(false)
    expect(contacts).toMatchObject([
      { name: 'bob', state: 4, remark: 'Bob', team: 'work', text: '' },
      { name: 'carol', state: 1, blocked: true },
    ])
    const rest = await alice.contacts.list({ afterUserId: bob.userId })
    expect(rest.contacts).toHaveLength(1)
    await alice.contacts.unblock({ userId: carol.userId })
    expect((await alice.contacts.list()).contacts).toHaveLength(1)
  })

  it('makes, shows, fills and ends groups', async () => {
    const [alice, bob, carol] = people as [Person, Person, Person]
    const request = {
      requestId: randomBytes(16),
      title: '北京 trip',
      userIds: [bob.userId, carol.userId, bob.userId],
    }
    const { group } = await alice.groups.create(request)
    expect((await alice.groups.create(request)).group).toEqual(group)
    expect(group).toMatchObject({ title: '北京 trip', memberCount: 2, role: 3 })
    const conversationId = group!.conversationId
    const seen = async (person: Person) => (await person.groups.get({ conversationId })).group
    expect(await seen(carol)).toMatchObject({ invited: true, invitedBy: 'alice', members: [] })
    await carol.groups.answer({ conversationId, accept: true })
    expect((await seen(carol))?.members.map((each) => [each.name, each.role])).toEqual([
      ['alice', 3],
      ['bob', 1],
      ['carol', 1],
    ])
    await alice.groups.setRole({ conversationId, userId: bob.userId, role: 2 })
    await bob.groups.remove({ conversationId, userId: carol.userId })
    await bob.groups.rename({ conversationId, title: 'trip' })
    expect(await seen(bob)).toMatchObject({ title: 'trip', memberCount: 2, role: 2 })
    await alice.groups.dissolve({ conversationId })
    expect((await bob.groups.list()).groups).toMatchObject([{ title: 'trip', dissolved: true }])
  })

  it('lets everybody who knows the id into an open group, and out again', async () => {
    const [alice, , carol] = people as [Person, Person, Person]
    const { group } = await alice.groups.create({ title: 'club', open: true })
    const { conversationId } = group!
    await carol.groups.join({ conversationId })
    expect((await carol.groups.list()).groups).toMatchObject([{ title: 'club', open: true }])
    await carol.groups.leave({ conversationId })
    expect((await carol.groups.list()).groups).toEqual([])
  })
})
