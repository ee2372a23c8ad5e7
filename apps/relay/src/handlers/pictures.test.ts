import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Verifier, localKeySet, openSigner, verifyTicket } from '@parley/auth'
import { uuidText } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startRelayWorld } from '../testing/relay-world.ts'
import type { Person, RelayWorld } from '../testing/relay-world.ts'
import { imageFacts, startStampingServers } from '../testing/stamping-servers.ts'
import type { StampingServers } from '../testing/stamping-servers.ts'

const face = 'a'.repeat(27)
const cups = 'b'.repeat(27)
const unknown = { reason: 'ATTACHMENT_UNKNOWN' }

describe('pictures', () => {
  let folder = ''
  let world: RelayWorld
  let servers: StampingServers
  let alice: Person
  let bob: Person
  let carol: Person
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
    servers = await startStampingServers(folder)
    world = await startRelayWorld(folder, servers.env)
    alice = await world.register('alice')
    bob = await world.register('bob')
    carol = await world.register('carol')
  })
  afterAll(async () => {
    await world.close()
    await servers.close()
    await rm(folder, { recursive: true, force: true })
  })

  const receiptFor = (owner: Person, id: string) =>
    servers.imageReceipt(owner, { id, image: imageFacts })

  const ofUser = ({ userId: value }: Person) => ({ of: { $case: 'userId', value } }) as const
  const ofGroup = (value: Buffer) => ({ of: { $case: 'conversationId', value } }) as const

  it('are set by a receipt, shown to whoever sees the profile, and had by a ticket', async () => {
    const { profile } = await alice.accounts.setPicture({ receipt: await receiptFor(alice, face) })
    expect(profile?.picture).toMatchObject({ imageId: face, width: 640, height: 480 })
    expect(profile?.picture?.digest.toString('hex')).toBe('ab'.repeat(32))
    const seen = await carol.accounts.getProfile({
      user: { $case: 'userId', value: alice.userId },
    })
    expect(seen.profile?.picture).toEqual(profile?.picture)
    const { ticket, url, picture } = await carol.attachments.createPictureTicket(ofUser(alice))
    expect([url, picture]).toEqual([`http://127.0.0.1:20002/images/${face}`, profile?.picture])
    const signer = await openSigner({ issuer: 'relay', folder: join(folder, 'relay') })
    const verifier = new Verifier(await localKeySet(signer))
    expect(await verifyTicket(verifier, ticket, 'images')).toMatchObject({
      userId: uuidText(carol.userId),
      blobId: face,
    })
    await alice.accounts.setPicture()
    await expect(carol.attachments.createPictureTicket(ofUser(alice))).rejects.toMatchObject(
      unknown,
    )
  })

  it('need a receipt of the image server for the caller, and of nothing else', async () => {
    const bad = [
      await receiptFor(bob, face),
      await servers.fileReceipt(alice, { id: face, image: imageFacts }),
      await servers.imageReceipt(alice, { id: face }),
      `${await receiptFor(alice, face)}x`,
      alice.credentials.accessToken,
      alice.credentials.refreshToken,
    ]
    for (const receipt of bad) {
      await expect(alice.accounts.setPicture({ receipt })).rejects.toMatchObject({
        ...unknown,
        kind: 'precondition',
      })
    }
    const { group } = await alice.groups.create({ title: 'work' })
    const { conversationId } = group!
    for (const receipt of bad) {
      const setting = alice.groups.setPicture({ conversationId, receipt })
      await expect(setting).rejects.toMatchObject(unknown)
    }
    const found = await bob.accounts.findUsers({ query: 'alice' })
    expect(found.users).toMatchObject([{ name: 'alice', picture: undefined }])
  })

  it('of a group are for members and those invited; an ex-member learns nothing', async () => {
    const { group } = await alice.groups.create({ title: 'tea', open: true })
    const { conversationId } = group!
    await bob.groups.join({ conversationId })
    await alice.groups.invite({ conversationId, userIds: [carol.userId] })
    const receipt = await receiptFor(alice, cups)
    await alice.groups.setPicture({ conversationId, receipt })
    const ask = (person: Person) => person.attachments.createPictureTicket(ofGroup(conversationId))
    for (const person of [alice, bob, carol]) expect((await ask(person)).url).toContain(cups)
    const { groups } = await bob.groups.list()
    expect(groups).toMatchObject([{ title: 'tea', picture: { imageId: cups } }])

    await bob.groups.leave({ conversationId })
    await carol.groups.answer({ conversationId, accept: false })
    const dora = await world.register('dora')
    const denied = await Promise.all([bob, carol, dora].map((person) => said(ask(person))))
    const { group: bare } = await bob.groups.create({ title: 'bare' })
    denied.push(await said(bob.attachments.createPictureTicket(ofGroup(bare!.conversationId))))
    denied.push(await said(bob.attachments.createPictureTicket(ofGroup(Buffer.alloc(16, 7)))))
    expect(new Set(denied).size).toBe(1)
    expect(denied[0]).toContain('ATTACHMENT_UNKNOWN')
  })

  it('are held on the image server as long as they are shown, group and all', async () => {
    const { group } = await carol.groups.create({ title: 'short' })
    const { conversationId } = group!
    const [first, second] = ['c'.repeat(27), 'd'.repeat(27)]
    await carol.accounts.setPicture({ receipt: await receiptFor(carol, first) })
    await carol.accounts.setPicture({ receipt: await receiptFor(carol, second) })
    await carol.groups.setPicture({ conversationId, receipt: await receiptFor(carol, first) })
    await carol.groups.dissolve({ conversationId })
    const [own, groups] = [carol.userId, conversationId].map((id) => `${uuidText(id)}/picture`)
    const ofSetting = (holder: string) => holder.replace(/\/[0-9a-f-]{36}$/u, '')
    const told = () =>
      servers.imageHolds
        .map(({ id, holder, held }) => [id[0], ofSetting(holder), held])
        .filter(([, holder]) => holder === own || holder === groups)
    await eventually(() =>
      expect(told()).toEqual([
        ['c', own, true],
        ['c', own, false],
        ['d', own, true],
        ['c', groups, true],
        ['c', groups, false],
      ]),
    )
  })

  it('are set once however often the call is repeated', async () => {
    const { group } = await alice.groups.create({ title: 'again' })
    const { conversationId } = group!
    const requestId = Buffer.alloc(16, 5)
    const request = { requestId, conversationId, receipt: await receiptFor(alice, cups) }
    await alice.groups.setPicture(request)
    await alice.groups.setPicture({ conversationId })
    await alice.groups.setPicture(request)
    expect((await alice.groups.get({ conversationId })).group?.picture).toBeUndefined()
    const { entries } = await alice.history.listMessages({ conversationId })
    expect(entries.map(({ entry }) => entry?.content?.content?.$case)).toEqual(
      Array.from({ length: 3 }, () => 'membership'),
    )
  })
})

/** All that a refused caller can see of a refusal. */
async function said(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => new Error('no refusal'),
    (thrown: unknown) => thrown,
  )
  const { kind, reason, message } = error as { kind?: string; reason?: string; message: string }
  return JSON.stringify([kind, reason, message])
}
