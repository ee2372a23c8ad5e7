import { keyMetadata, openClient, serviceKeyHeader } from '@parley/grpc-kit'
import { common, images } from '@parley/proto'
import { recordingLogger, tempFolder } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { variantNames } from './domain/variant.ts'
import { scene } from './testing/pictures.ts'
import { append, begin, look, read, uploadImage } from './testing/requests.ts'
import { alice, bob, serviceKey, startTestServer, testRelay } from './testing/start-test-server.ts'
import type { TestServer } from './testing/start-test-server.ts'

async function setup(): Promise<TestServer> {
  const { log } = recordingLogger()
  const server = await startTestServer(await tempFolder(), { log })
  onTestFinished(() => server.close())
  return server
}

describe('who may read and write', () => {
  test('an image is read with a fresh ticket for itself only, and denial looks like absence', async () => {
    const server = await setup()
    const token = await server.token(alice)
    const small = await scene(90, 60).png().toBuffer()
    const { id } = await uploadImage(server.url, token, small)
    const { id: other } = await uploadImage(server.url, token, await scene(60, 90).png().toBuffer())
    const missing = 'a'.repeat(32)
    const ticket = await server.ticket(id)
    const late = await (await testRelay(server.folder, -61_000)).ticket(id)
    const face = async (path: string, bearer?: string) => {
      const answer = await read(server.url, path, bearer)
      return [answer.status, await answer.text(), withoutDate(answer.headers)]
    }
    for (const variant of variantNames) {
      const absent = await face(`/images/${missing}/${variant}`, await server.ticket(missing))
      expect(absent[0]).toBe(404)
      expect(await face(`/images/${other}/${variant}`, ticket)).toEqual(absent)
      expect(await face(`/images/${missing}/${variant}`, ticket)).toEqual(absent)
      const wrong = [undefined, token, await server.ticket(id, 'files'), `${ticket}x`, 'x', late]
      for (const bearer of wrong) {
        const denied = await face(`/images/${id}/${variant}`, bearer)
        expect(denied[0]).toBe(401)
        expect(await face(`/images/${missing}/${variant}`, bearer)).toEqual(denied)
      }
    }
    for (const path of [`/images/${id}/original`, `/images/${id}`, `/images/${id}/full/..`]) {
      expect((await read(server.url, path, ticket)).status).toBe(404)
    }
  })

  test('an upload exists for its owner only', async () => {
    const server = await setup()
    const token = await server.token(alice)
    const bytes = await scene(90, 60).png().toBuffer()
    const upload = await begin(server.url, token, bytes.length)
    const others = await server.token(bob)
    expect((await look(upload, others)).status).toBe(404)
    expect((await append(upload, others, bytes)).status).toBe(404)
    expect((await look(upload, await server.token(alice, 'files'))).status).toBe(401)
    expect((await look(upload, 'nonsense')).status).toBe(401)
    const late = await (await testRelay(server.folder, -16 * 60_000)).token(alice)
    expect((await look(upload, late)).status).toBe(401)
    await expect(begin(server.url, await server.token(alice, 'chat'), 9)).rejects.toThrow('401')
    expect((await append(upload, token, bytes)).status).toBe(204)
  })

  test('the internal door answers only who knows the key', async () => {
    const server = await setup()
    const stranger = openClient(images.ImagesClient, server.internal, {
      metadata: keyMetadata(serviceKeyHeader, 'x'.repeat(43)),
    })
    onTestFinished(() => stranger.close())
    await expect(stranger.call.getUsage({})).rejects.toMatchObject({ kind: 'unauthenticated' })
    const holds = openClient(common.HoldsClient, server.internal)
    onTestFinished(() => holds.close())
    const nothing = { changes: [], complete: true }
    await expect(holds.call.apply(nothing)).rejects.toMatchObject({ reason: 'KEY_INVALID' })
  })
})

describe('the internal door', () => {
  test('takes holds, repeated or not, and says what is stored', async () => {
    const server = await setup()
    const bytes = await scene(90, 60).png().toBuffer()
    const { id } = await uploadImage(server.url, await server.token(alice), bytes)
    const metadata = keyMetadata(serviceKeyHeader, await serviceKey(server.folder))
    const holds = openClient(common.HoldsClient, server.internal, { metadata })
    const usage = openClient(images.ImagesClient, server.internal, { metadata })
    onTestFinished(() => (holds.close(), usage.close()))
    const missing = 'a'.repeat(32)
    const holder = 'conversation/1'
    const changes = [id, missing].map((one) => ({ id: one, holder, held: true }))
    for (const _time of [1, 2]) {
      expect(await holds.call.apply({ changes, complete: false })).toEqual({ missing: [missing] })
    }
    expect(await usage.call.getUsage({})).toMatchObject({ images: 1, unfinishedUploads: 0 })
    const long = [{ id, holder: 'x'.repeat(129), held: true }]
    await expect(holds.call.apply({ changes: long, complete: false })).rejects.toMatchObject({
      reason: 'HOLD_INVALID',
    })
    const many = Array.from({ length: 1_001 }, () => ({ id, holder, held: true }))
    await expect(holds.call.apply({ changes: many, complete: false })).rejects.toMatchObject({
      reason: 'HOLD_INVALID',
    })
  })
})

function withoutDate(headers: Headers) {
  return Object.fromEntries([...headers].filter(([name]) => name !== 'date'))
}
