import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Verifier, issueReceipt, localKeySet, openSigner, verifyTicket } from '@parley/auth'
import type { Signer } from '@parley/auth'
import { signingKeysService, startGrpcServer } from '@parley/grpc-kit'
import type { GrpcServer } from '@parley/grpc-kit'
import { chat } from '@parley/proto'
import { uuidText } from '@parley/service-kit'
import { recordingLogger } from '@parley/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startRelayWorld } from '../../testing/relay-world.ts'
import type { Person, RelayWorld } from '../../testing/relay-world.ts'

const fileId = 'f'.repeat(27)

describe('tickets', () => {
  let folder = ''
  let world: RelayWorld
  let files: Signer
  let keys: GrpcServer
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
    files = await openSigner({ issuer: 'file-server', folder })
    const { log } = recordingLogger()
    const services = [signingKeysService({ log }, files.jwks)]
    keys = await startGrpcServer({ host: '127.0.0.1', port: 0, services })
    world = await startRelayWorld(folder, { FILES_INTERNAL: keys.address })
  })
  afterAll(async () => {
    await world.close()
    await keys.close()
    await rm(folder, { recursive: true, force: true })
  })

  async function sendFile(from: Person, conversationId: Buffer) {
    const blob = { ownerId: uuidText(from.userId), blobId: fileId, sizeBytes: 5 }
    const rest = { digest: 'ab'.repeat(32), mediaType: 'text/plain' }
    const { token: receipt } = await issueReceipt(files, { ...blob, ...rest })
    const value = chat.File.create({ fileId, name: 'notes.txt' })
    const [answer] = await world.send(from, {
      to: { $case: 'conversationId', value: conversationId },
      content: { $case: 'file', value },
      receipt,
    })
    return (answer as chat.Accepted).seq
  }

  it('are for members who can see the entry; for all others there is no attachment', async () => {
    const alice = await world.register('alice')
    const bob = await world.register('bob')
    const carol = await world.register('carol')
    const { group } = await alice.groups.create({ title: 'work', open: true })
    const { conversationId } = group!
    await bob.groups.join({ conversationId })
    const seq = await sendFile(alice, conversationId)
    const { ticket, url } = await bob.attachments.createTicket({ conversationId, seq })
    expect(url).toBe(`http://127.0.0.1:20001/files/${fileId}`)
    const signer = await openSigner({ issuer: 'relay', folder: join(folder, 'relay') })
    const verifier = new Verifier(await localKeySet(signer))
    expect(await verifyTicket(verifier, ticket, 'files')).toMatchObject({
      userId: uuidText(bob.userId),
      blobId: fileId,
    })

    const missing = { kind: 'not-found', reason: 'ATTACHMENT_UNKNOWN' }
    const ask = (person: Person, at: number) =>
      person.attachments.createTicket({ conversationId, seq: at })
    await expect(ask(carol, seq)).rejects.toMatchObject(missing)
    await expect(ask(bob, 1)).rejects.toMatchObject(missing)
    await expect(ask(bob, 999)).rejects.toMatchObject(missing)
    await carol.groups.join({ conversationId })
    await expect(ask(carol, seq)).rejects.toMatchObject(missing)
    await bob.groups.leave({ conversationId })
    await expect(ask(bob, seq)).rejects.toMatchObject(missing)
  })

  it('are gone with a recall', async () => {
    const alice = await world.register('alice.two')
    const { group } = await alice.groups.create({ title: 'work' })
    const { conversationId } = group!
    const seq = await sendFile(alice, conversationId)
    await alice.attachments.createTicket({ conversationId, seq })
    await world.send(alice, {
      to: { $case: 'conversationId', value: conversationId },
      content: { $case: 'recall', value: { targetSeq: seq } },
    })
    await expect(alice.attachments.createTicket({ conversationId, seq })).rejects.toMatchObject({
      reason: 'ATTACHMENT_UNKNOWN',
    })
  })
})
