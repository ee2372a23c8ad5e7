import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { Verifier, localKeySet, openSigner, verifyReceipt } from '@parley/auth'
import { digestBytes } from '@parley/blob-store'
import { openSigningKeys } from '@parley/grpc-kit'
import type { Env } from '@parley/service-kit'
import { tempFolder } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { alice, bob } from './testing/relay.ts'
import { ask, upload } from './testing/http.ts'
import { internalKey, startWorld } from './testing/world.ts'

describe('a file', () => {
  test('goes up and comes down byte for byte, under the name and type it has', async () => {
    const { root, relay } = await setup()
    const bytes = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(1_000_000)])
    const { id } = await upload(root, await relay.access(alice), bytes, '../假期 "1".pdf')
    const answer = await ask('GET', `${root}/files/${id}`, await relay.ticket(bob, id))
    expect(answer.status).toBe(200)
    expect(Buffer.compare(answer.body, bytes)).toBe(0)
    expect(answer.headers).toMatchObject({
      etag: `"${digestBytes(bytes)}"`,
      'content-type': 'application/pdf',
      'content-disposition': `attachment; filename="__ _1_.pdf"; filename*=UTF-8''%E5%81%87%E6%9C%9F%20%221%22.pdf`,
      'x-content-type-options': 'nosniff',
    })
  })

  test('that could run in a browser is served as plain bytes', async () => {
    const { root, relay } = await setup()
    const page = Buffer.from('<!doctype html><svg onload="alert(1)"/>')
    const { id } = await upload(root, await relay.access(alice), page, 'page.html')
    const answer = await ask('HEAD', `${root}/files/${id}`, await relay.ticket(bob, id))
    expect(answer.headers['content-type']).toBe('application/octet-stream')
    expect(answer.headers['content-length']).toBe(String(page.length))
  })

  test('comes with a receipt that anybody with the server’s public key can check', async () => {
    const { root, relay, internal } = await setup()
    const bytes = randomBytes(1_000)
    const { id, receipt } = await upload(root, await relay.access(alice), bytes)
    const peer = openSigningKeys(internal, internalKey)
    onTestFinished(() => peer.close())
    const verifier = await verifierOf(await peer.fetch())
    expect(await verifyReceipt(verifier, receipt)).toMatchObject({
      ownerId: alice,
      blobId: id,
      sizeBytes: 1_000,
      digest: digestBytes(bytes),
      mediaType: 'application/octet-stream',
    })
  })

  test('of no bytes is a file like any other', async () => {
    const { root, relay } = await setup()
    const { id } = await upload(root, await relay.access(alice), Buffer.alloc(0))
    const answer = await ask('GET', `${root}/files/${id}`, await relay.ticket(bob, id))
    expect([answer.status, answer.body.length]).toEqual([200, 0])
  })

  test('is still there after a restart, and so is what its upload became', async () => {
    const folder = await tempFolder()
    const first = await startWorld(folder)
    const token = await first.relay.access(alice)
    const { id, url } = await upload(first.root, token, Buffer.from('kept'))
    await first.server.close()
    const { root, relay } = await setup(folder)
    const answer = await ask('GET', `${root}/files/${id}`, await relay.ticket(bob, id))
    expect(answer.body.toString()).toBe('kept')
    const asked = await ask('HEAD', `${root}${new URL(url).pathname}`, token)
    expect(asked.headers['parley-file-id']).toBe(id)
  })
})

describe('the relay', () => {
  test('may be away: its keys are kept on disk', async () => {
    const folder = await tempFolder()
    const first = await startWorld(folder)
    await first.server.close()
    const { root, relay } = await setup(folder, {}, true)
    const { id } = await upload(root, await relay.access(alice), Buffer.from('x'))
    expect((await ask('GET', `${root}/files/${id}`, await relay.ticket(bob, id))).status).toBe(200)
  })

  test('not yet heard of makes a token neither good nor bad', async () => {
    const { root, relay } = await setup(undefined, {}, true)
    const answer = await ask('POST', `${root}/uploads`, await relay.access(alice))
    expect(answer.status).toBe(503)
    expect(answer.headers['retry-after']).toBe('1')
  })
})

describe('starting', () => {
  test('makes folders that only their owner may enter', async () => {
    const folder = await tempFolder()
    await setup(folder)
    for (const place of ['file-server', 'file-server/filecache']) {
      expect((await stat(path.join(folder, place))).mode & 0o777).toBe(0o700)
    }
    const index = path.join(folder, 'file-server/filecache/uploads.sqlite')
    expect((await stat(index)).mode & 0o777).toBe(0o600)
  })

  test('refuses a data folder that another process has', async () => {
    const folder = await tempFolder()
    await setup(folder)
    await expect(startWorld(folder)).rejects.toMatchObject({ reason: 'FOLDER_IN_USE' })
  })

  test('refuses a port that is taken, and lets go of what it had opened', async () => {
    const folder = await tempFolder()
    const other = await setup()
    const { port } = new URL(other.root)
    const taken = startWorld(folder, { PORT: port })
    await expect(taken).rejects.toMatchObject({ reason: 'ADDRESS_IN_USE' })
    await setup(folder)
  })

  test('refuses a public address without TLS', async () => {
    const open = startWorld(await tempFolder(), { HOST: '0.0.0.0' })
    await expect(open).rejects.toMatchObject({ reason: 'PLAINTEXT_REFUSED' })
  })
})

test('says how it is to anybody', async () => {
  const { root } = await setup()
  const answer = await ask('GET', `${root}/healthz`)
  expect(answer.status).toBe(200)
  expect(JSON.parse(answer.body.toString())).toEqual({ status: 'ok', checks: { index: 'ok' } })
})

async function setup(folder?: string, more: Env = {}, relayIsAway = false) {
  const place = folder ?? (await tempFolder())
  const away = { fetch: () => Promise.reject(new Error('away')), close: () => undefined }
  const world = await startWorld(place, more, relayIsAway ? { relayKeys: away } : {})
  onTestFinished(() => world.server.close())
  return world
}

async function verifierOf(jwks: string): Promise<Verifier> {
  const signer = await openSigner({ issuer: 'file-server', folder: await tempFolder() })
  return new Verifier(await localKeySet({ ...signer, jwks }))
}
