import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Verifier, issueReceipt, localKeySet, openSigner } from '@parley/auth'
import { verifyAccessToken, verifyTicket } from '@parley/auth'
import { signingKeysService, startGrpcServer } from '@parley/grpc-kit'
import type { chat } from '@parley/proto'
import { systemScheduler, uuidText, uuidv7 } from '@parley/service-kit'
import { recordingLogger } from '@parley/testkit'
import { createSigningKey, encodeManifest } from '@parley/upgrades'
import type { Manifest } from '@parley/upgrades'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startRelayWorld } from '../../testing/relay-world.ts'
import type { RelayWorld } from '../../testing/relay-world.ts'

const nobodysId = '00000000-0000-0000-0000-000000000000'
const place = { channel: 'stable', platform: 'linux-x64' }
const key = createSigningKey()

let world: RelayWorld
type Request = Partial<chat.PublishUpgradeRequest>
let requestOf: (change?: Partial<Manifest>, certified?: Certified) => Promise<Request>
let publish: typeof requestOf
/** Starts the relay again beside a file server with another key: no receipt is good any more. */
let distrust: () => Promise<void>
let verifier: Verifier
const closers: (() => Promise<unknown>)[] = []

type Certified = Partial<{ ownerId: string; blobId: string; sizeBytes: number; digest: string }>

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
  const files = await openFileServer(folder)
  world = await startRelayWorld(folder, { FILES_INTERNAL: files.address })
  distrust = async () => {
    await world.close()
    await rm(join(folder, 'relay', 'file-server-keys.json'))
    const { address } = await openFileServer(await mkdtemp(join(folder, 'other-')))
    world = await startRelayWorld(folder, { FILES_INTERNAL: address })
  }
  closers.push(
    () => world.close(),
    () => rm(folder, { recursive: true, force: true }),
  )
  const relay = await openSigner({ issuer: 'relay', folder: join(folder, 'relay') })
  verifier = new Verifier(await localKeySet(relay))
  let publishedAtMs = 0
  requestOf = async (change = {}, certified = {}) => {
    publishedAtMs += 1
    const stored = { fileId: 'f'.repeat(27), sizeBytes: 5, digest: 'ab'.repeat(32) }
    const words = { version: '1.0.0', minVersion: '0.9.0', notes: '' }
    const named = { ...place, ...words, ...stored, publishedAtMs, ...change }
    const blob = { ownerId: nobodysId, blobId: named.fileId, mediaType: 'application/gzip' }
    const { sizeBytes, digest } = named
    const receipt = await issueReceipt(files.signer, { ...blob, sizeBytes, digest, ...certified })
    const manifest = encodeManifest(named)
    const signed = { manifest, signature: key.sign(manifest), keyId: key.keyId }
    return { ...signed, requestId: Buffer.from(uuidv7(systemScheduler)), receipt: receipt.token }
  }
  publish = async (...of) => {
    const request = await requestOf(...of)
    await world.operator.operators.publishUpgrade(request)
    return request
  }
})
afterAll(async () => {
  for (const close of closers) await close()
})

async function openFileServer(folder: string) {
  const signer = await openSigner({ issuer: 'file-server', folder })
  const services = [signingKeysService({ log: recordingLogger().log }, signer.jwks)]
  const keys = await startGrpcServer({ host: '127.0.0.1', port: 0, services })
  closers.push(() => keys.close())
  return { signer, address: keys.address }
}

test('what is published is handed on as it was signed, with a ticket for anybody who is logged in', async () => {
  const ann = await world.register('ann')
  const fileId = 'p'.repeat(27)
  await publish({ fileId, version: '1.1.0' })
  const { manifest, signature, keyId } = await ann.upgrades.latest(place)
  expect(key.sign(manifest).equals(signature)).toBe(true)
  expect(keyId).toBe(key.keyId)
  expect(JSON.parse(manifest.toString())).toMatchObject({ ...place, version: '1.1.0', fileId })
  const { ticket, url } = await ann.upgrades.createTicket({ fileId })
  expect(url).toBe(`http://127.0.0.1:20001/files/${fileId}`)
  const grant = { userId: uuidText(ann.userId), blobId: fileId }
  expect(await verifyTicket(verifier, ticket, 'files')).toMatchObject(grant)
  const unknown = { kind: 'not-found', reason: 'UPGRADE_UNKNOWN' }
  await expect(ann.upgrades.createTicket({ fileId: 'q'.repeat(27) })).rejects.toMatchObject(unknown)
  const other = ann.upgrades.latest({ ...place, channel: 'beta' })
  await expect(other).rejects.toMatchObject(unknown)
})

test('the token for a package opens the file server as nobody, and no other door', async () => {
  const { accessToken, filesUrl } = await world.operator.operators.admitPackage()
  expect(filesUrl).toBe('http://127.0.0.1:20001')
  const files = await verifyAccessToken(verifier, accessToken, 'files')
  expect(files.userId).toBe(nobodysId)
  for (const door of ['chat', 'images'] as const) {
    await expect(verifyAccessToken(verifier, accessToken, door)).rejects.toMatchObject({
      reason: 'TOKEN_INVALID',
    })
  }
  const calls = world.bearer(accessToken).accounts.listDevices()
  await expect(calls).rejects.toMatchObject({ reason: 'TOKEN_INVALID' })
})

test.each([
  [
    'a file of somebody else',
    { ownerId: '01939d0c-7a31-7000-8000-4f1c2d3e4a5b' },
    'ATTACHMENT_UNKNOWN',
  ],
  ['another file', { blobId: 'x'.repeat(27) }, 'PACKAGE_MISMATCH'],
  ['another size', { sizeBytes: 6 }, 'PACKAGE_MISMATCH'],
  ['other bytes', { digest: 'cd'.repeat(32) }, 'PACKAGE_MISMATCH'],
])('a manifest is not published with the receipt of %s', async (_note, certified, reason) => {
  await expect(publish({ version: '5.0.0' }, certified)).rejects.toMatchObject({ reason })
})

test('a version is published once, and none that is dated before the last', async () => {
  const beta = { channel: 'beta' }
  await publish({ ...beta, version: '3.0.0' })
  await expect(publish({ ...beta, version: '3.0.0' })).rejects.toMatchObject({
    kind: 'conflict',
    reason: 'VERSION_PUBLISHED',
  })
  await expect(publish({ ...beta, version: '3.1.0', publishedAtMs: 0 })).rejects.toMatchObject({
    kind: 'conflict',
    reason: 'PUBLISHED_LATER',
  })
})

test('what was published is answered again when its receipt is no longer good, and nothing else is', async () => {
  const gamma = { channel: 'gamma' }
  const published = await publish({ ...gamma, version: '3.0.0' })
  const next = await requestOf({ ...gamma, version: '3.1.0' })
  await distrust()
  const { operators } = world.operator
  await operators.publishUpgrade(published)
  const unknown = { kind: 'precondition', reason: 'ATTACHMENT_UNKNOWN' }
  await expect(operators.publishUpgrade(next)).rejects.toMatchObject(unknown)
  const other = operators.publishUpgrade({ ...next, requestId: published.requestId! })
  await expect(other).rejects.toMatchObject({ reason: 'ID_CONFLICT' })
})
