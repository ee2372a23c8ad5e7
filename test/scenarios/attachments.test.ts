import { createHash, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { ChatClient, SendResult, TransferProgress } from '@parley/client'
import type { ServiceError } from '@grpc/grpc-js'
import { status } from '@grpc/grpc-js'
import { idBytes } from '@parley/client'
import { isAppError } from '@parley/errors'
import { systemScheduler, uuidText, uuidv7 } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { disclosureOf, takePhotograph } from '../demo/photograph.ts'
import { befriend, makeGroup } from '../harness/person.ts'
import type { Person } from '../harness/person.ts'
import { testWorld } from '../harness/world.ts'

/** A group of three, and a stranger. */
async function setup() {
  const world = await testWorld()
  const names = ['ann', 'bob', 'cat', 'eve'] as const
  const people = await Promise.all(names.map((name) => world.person(name)))
  const [ann, bob, cat, eve] = people as [Person, Person, Person, Person]
  await befriend(ann, bob)
  await befriend(ann, cat)
  const group = await makeGroup(ann, [bob, cat])
  return { world, ann, bob, cat, eve, group }
}

async function sendFile(client: ChatClient, group: string, file: string): Promise<number> {
  const { content, receipt } = await client.uploadFile(file)
  return seqOf(await client.send({ conversationId: group }, content, { receipt }))
}

function seqOf(result: SendResult): number {
  if (result.state === 'accepted') return result.seq
  throw new Error('not accepted')
}

/** All that a caller is told who asks for a ticket in vain. */
async function denial(person: Person, conversationId: string, seq: number) {
  const error: unknown = await person.calls.attachments
    .createTicket({ conversationId: idBytes(conversationId), seq })
    .then(
      () => new Error('a ticket was given'),
      (thrown: unknown) => thrown,
    )
  if (!isAppError(error)) throw error
  const { code, details } = error.cause as ServiceError
  return { code, reason: error.reason, details }
}

async function sha256(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
}

describe('a file', () => {
  test('sent to a group is read by its members, byte for byte, and by nobody else', async () => {
    const { world, ann, bob, cat, eve, group } = await setup()
    const source = path.join(world.folder, 'source.bin')
    await writeFile(source, randomBytes(5_000_000))
    const seq = await sendFile(ann.connect(), group, source)
    const place = { conversationId: group, seq }
    const target = path.join(world.folder, 'bob.bin')
    await bob.connect().download(place, target)
    expect(await sha256(target)).toBe(await sha256(source))

    await cat.calls.groups.leave({ conversationId: idBytes(group) })
    const afterwards = await sendFile(ann.connect({ transient: true }), group, source)
    const denials = await Promise.all([
      denial(cat, group, seq),
      denial(cat, group, afterwards),
      denial(eve, group, seq),
      denial(bob, group, 999),
      denial(eve, uuidText(uuidv7(systemScheduler)), seq),
    ])
    // To an ex-member and a stranger it looks as what is not there does.
    const [code, reason] = [status.NOT_FOUND, 'ATTACHMENT_UNKNOWN']
    expect(denials).toEqual(denials.map(() => ({ code, reason, details: denials[0]?.details })))
  })

  test('is sent while the relay was killed between its upload and its message', async () => {
    const { world, ann, bob, group } = await setup()
    const source = path.join(world.folder, 'source.bin')
    await writeFile(source, randomBytes(100_000))
    const client = ann.connect()
    const { content, receipt } = await client.uploadFile(source)
    await world.kill('relay')
    const sending = client.send({ conversationId: group }, content, { receipt })
    await world.cluster.start('relay')
    const place = { conversationId: group, seq: seqOf(await sending) }
    const target = path.join(world.folder, 'target.bin')
    await bob.connect().download(place, target)
    expect(await sha256(target)).toBe(await sha256(source))
  })

  test('that is being uploaded while the file server is killed goes on where the bytes end', async () => {
    const { world, ann, bob, group } = await setup()
    const source = path.join(world.folder, 'source.bin')
    await writeFile(source, randomBytes(64 * 1024 * 1024))
    const client = ann.connect()
    let killed: Promise<void> | undefined
    const progress = ({ doneBytes }: TransferProgress) => {
      if (doneBytes < 16 * 1024 * 1024) return
      killed ??= world.kill('file-server').then(() => world.cluster.start('file-server'))
    }
    const { content, receipt } = await client.uploadFile(source, { progress })
    expect(killed).toBeDefined()
    await killed
    const seq = seqOf(await client.send({ conversationId: group }, content, { receipt }))
    const target = path.join(world.folder, 'target.bin')
    await bob.connect().download({ conversationId: group, seq }, target)
    expect(await sha256(target)).toBe(await sha256(source))
  })

  test('forwarded into another conversation is read there', async () => {
    const { world, ann, bob, eve, group } = await setup()
    await befriend(bob, eve)
    const source = path.join(world.folder, 'source.bin')
    await writeFile(source, randomBytes(10_000))
    const seq = await sendFile(ann.connect(), group, source)
    const forwardOf = { conversationId: group, seq }
    const sent = await bob.connect().send({ userId: eve.userId }, undefined, { forwardOf })
    if (sent.state !== 'accepted') throw new Error('not accepted')
    const target = path.join(world.folder, 'target.bin')
    await eve.connect().download(sent, target)
    expect(await sha256(target)).toBe(await sha256(source))
  })
})

test('an image is read in three sizes by members, and none tells where it was taken', async () => {
  const { world, ann, bob, eve, group } = await setup()
  const source = path.join(world.folder, 'photograph.jpg')
  await takePhotograph(source)
  expect(await disclosureOf(source)).toMatchObject({ hasExif: true, hasLatitude: true })
  const client = ann.connect()
  const { content, receipt } = await client.uploadImage(source)
  const seq = seqOf(await client.send({ conversationId: group }, content, { receipt }))
  const place = { conversationId: group, seq }
  const reader = bob.connect()
  for (const [variant, longest] of [
    ['thumb', 256],
    ['preview', 1024],
    ['full', 4000],
  ] as const) {
    const target = path.join(world.folder, variant)
    await reader.download(place, target, { variant })
    const { width, height, ...rest } = await disclosureOf(target)
    expect(rest).toEqual({ hasExif: false, hasLatitude: false })
    expect([Math.max(width, height), width < height]).toEqual([longest, true])
  }
  const refused = eve
    .connect()
    .download(place, path.join(world.folder, 'eve'), { variant: 'thumb' })
  await expect(refused).rejects.toMatchObject({ kind: 'not-found' })
  await eventually(() => world.deaths().length === 0)
})
