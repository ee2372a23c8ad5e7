import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { RemoteKeySet, Verifier, verifyReceipt } from '@parley/auth'
import { digestBytes } from '@parley/blob-store'
import { keyMetadata, openClient, openSigningKeys, serviceKeyHeader } from '@parley/grpc-kit'
import { common, images } from '@parley/proto'
import { recordingLogger } from '@parley/testkit'
import sharp from 'sharp'
import { Upload } from 'tus-js-client'
import { describe, expect, onTestFinished, test } from 'vitest'
import { variantNames } from './domain/variant.ts'
import { animation, bomb, photograph, scene } from './testing/pictures.ts'
import { alice, bob, startTestServer, testRelay } from './testing/start-test-server.ts'
import { append, begin, look, uploadImage } from './testing/upload.ts'

type TestServer = Awaited<ReturnType<typeof startTestServer>>

interface Init {
  readonly method?: string
  readonly headers?: Record<string, string>
}

const read = (server: TestServer, path: string, token?: string, init: Init = {}) => {
  const bearer = token === undefined ? {} : { Authorization: `Bearer ${token}` }
  return fetch(`${server.url}${path}`, { ...init, headers: { ...bearer, ...init.headers } })
}

async function serviceKey(server: TestServer) {
  return (await readFile(join(server.folder, 'internal.key'), 'utf8')).trim()
}

describe('an uploaded image', () => {
  test('comes back in three variants without its metadata, under a receipt of the full one', async () => {
    const server = await startTestServer()
    const upload = await photograph(1600, 1200)
    const { id, receipt } = await uploadImage(server.url, await server.token(alice), upload)
    const ticket = await server.ticket(id)
    const sizes: Record<string, unknown> = {}
    for (const name of variantNames) {
      const answer = await read(server, `/images/${id}/${name}`, ticket)
      const bytes = Buffer.from(await answer.arrayBuffer())
      expect(answer.headers.get('etag')).toBe(`"${digestBytes(bytes)}"`)
      for (const mark of ['Exif', 'GPS', 'Secret']) expect(bytes.includes(mark)).toBe(false)
      const { width, height } = await sharp(bytes).metadata()
      sizes[name] = [answer.headers.get('content-type'), width, height]
    }
    expect(sizes).toEqual({
      thumb: ['image/webp', 192, 256],
      preview: ['image/webp', 768, 1024],
      full: ['image/jpeg', 1200, 1600],
    })
    const said = await verifiedReceipt(server, receipt)
    expect(said).toMatchObject({
      ownerId: alice,
      blobId: id,
      mediaType: 'image/jpeg',
      image: { widthPx: 1200, heightPx: 1600, thumbhash: expect.stringMatching(/^[\w-]{8,}$/) },
    })
    const full = await read(server, `/images/${id}/full`, ticket)
    const bytes = Buffer.from(await full.arrayBuffer())
    expect(said.digest).toBe(digestBytes(bytes))
    expect(said.sizeBytes).toBe(bytes.length)
  })

  test('is served as an attachment that no browser runs or shares', async () => {
    const server = await startTestServer()
    const token = await server.token(alice)
    const { id } = await uploadImage(server.url, token, await animation(40, 30, 3))
    const answer = await read(server, `/images/${id}/full`, await server.ticket(id))
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/webp',
      'content-disposition': expect.stringContaining('attachment; filename="holiday.webp"'),
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
      'cache-control': 'private, no-cache',
    })
  })

  test('need not be sent again to who has it, and resumes in ranges', async () => {
    const server = await startTestServer()
    const token = await server.token(alice)
    const { id } = await uploadImage(server.url, token, await scene(300, 200).jpeg().toBuffer())
    const ticket = await server.ticket(id)
    const path = `/images/${id}/full`
    const whole = await read(server, path, ticket)
    const etag = whole.headers.get('etag') ?? ''
    const bytes = Buffer.from(await whole.arrayBuffer())
    const again = await read(server, path, ticket, { headers: { 'If-None-Match': etag } })
    expect([again.status, await again.text()]).toEqual([304, ''])
    const part = await read(server, path, ticket, {
      headers: { Range: 'bytes=100-', 'If-Range': etag },
    })
    expect(part.status).toBe(206)
    expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(100))
    const head = await read(server, path, ticket, { method: 'HEAD' })
    expect(head.headers.get('content-length')).toBe(String(bytes.length))
  })

  test('tells its id again to a client that missed the answer', async () => {
    const server = await startTestServer()
    const token = await server.token(alice)
    const made = await uploadImage(server.url, token, await scene(300, 200).jpeg().toBuffer())
    const { headers } = await look(made.upload, token)
    expect(headers.get('parley-image-id')).toBe(made.id)
    const receipt = await verifiedReceipt(server, headers.get('parley-receipt') ?? '')
    expect(receipt).toMatchObject(withoutTime(await verifiedReceipt(server, made.receipt)))
  })

  test('resumes where the bytes end, by an independent tus client', async () => {
    const server = await startTestServer()
    const token = await server.token(alice)
    const bytes = await scene(1200, 900).png().toBuffer()
    const address = await begin(server.url, token, bytes.length)
    await append(address, token, bytes.subarray(0, 100_000))
    const heads: string[] = []
    const headers = { Authorization: `Bearer ${token}` }
    await new Promise<void>((resolve, reject) => {
      const upload = new Upload(bytes, {
        uploadUrl: address,
        headers,
        chunkSize: 300_000,
        onAfterResponse: (_request, response) => {
          heads.push(response.getHeader('Parley-Image-Id') ?? '')
        },
        onSuccess: () => resolve(),
        onError: reject,
      })
      upload.start()
    })
    expect(heads.at(-1)).toMatch(/^[a-z2-7]{32}$/)
    expect(heads.slice(0, -1).join('')).toBe('')
  })
})

describe('a refused image', () => {
  test.each([
    ['SVG', async () => Buffer.from('<svg/>'), 415, 'IMAGE_FORMAT_UNSUPPORTED', 'JPEG, PNG'],
    ['HEIC', async () => heic(), 415, 'IMAGE_FORMAT_UNSUPPORTED', 'this is HEIC'],
    ['broken', async () => half(await photograph(800, 600)), 422, 'IMAGE_BROKEN', 'decoded'],
    ['50 megapixels', () => bomb(10_000, 5_000), 422, 'IMAGE_TOO_MANY_PIXELS', '50.0 megapixels'],
  ])('that is %s says why, and its upload is gone', async (_note, make, status, reason, words) => {
    const server = await startTestServer()
    const token = await server.token(alice)
    const bytes = await make()
    const upload = await begin(server.url, token, bytes.length)
    const began = performance.now()
    const answer = await append(upload, token, bytes)
    expect(performance.now() - began).toBeLessThan(1_000)
    expect(answer.status).toBe(status)
    expect(await answer.json()).toEqual({
      error: { reason, message: expect.stringContaining(words) },
    })
    expect((await look(upload, token)).status).toBe(404)
    expect(await readdir(join(server.folder, 'img-server', 'parts'))).toEqual([])
  })

  test('of zero bytes is refused at its creation', async () => {
    const server = await startTestServer()
    const headers = {
      Authorization: `Bearer ${await server.token(alice)}`,
      'Tus-Resumable': '1.0.0',
      'Upload-Length': '0',
    }
    const answer = await fetch(`${server.url}/uploads`, { method: 'POST', headers })
    expect(answer.status).toBe(422)
    expect(await answer.json()).toMatchObject({ error: { reason: 'IMAGE_EMPTY' } })
  })

  test('of more than 64 MiB is refused before a byte is sent', async () => {
    const server = await startTestServer()
    const create = begin(server.url, await server.token(alice), 64 * 1024 * 1024 + 1)
    await expect(create).rejects.toThrow('413')
  })

  test('that finds too many waiting is told to come again, and then is made', async () => {
    const server = await startTestServer({ pool: { workers: 1, maxWaiting: 0 } })
    const token = await server.token(alice)
    const bytes = await scene(1500, 1000).png().toBuffer()
    const uploads = await Promise.all([1, 2, 3].map(() => begin(server.url, token, bytes.length)))
    const answers = await Promise.all(uploads.map((upload) => append(upload, token, bytes)))
    const refused = answers.filter(({ status }) => status === 503)
    expect(refused.length).toBeGreaterThan(0)
    expect(refused[0]?.headers.get('retry-after')).toBe('5')
    expect(await refused[0]?.json()).toMatchObject({ error: { reason: 'IMAGE_QUEUE_FULL' } })
    for (const upload of uploads) {
      expect((await look(upload, token)).headers.get('parley-image-id')).toMatch(/^[a-z2-7]{32}$/)
    }
  })
})

describe('who may read and write', () => {
  test('an image is read with a fresh ticket for itself only, and denial looks like absence', async () => {
    const server = await startTestServer()
    const token = await server.token(alice)
    const small = await scene(90, 60).png().toBuffer()
    const { id } = await uploadImage(server.url, token, small)
    const { id: other } = await uploadImage(server.url, token, await scene(60, 90).png().toBuffer())
    const missing = 'a'.repeat(32)
    const ticket = await server.ticket(id)
    const late = await (await testRelay(server.folder, -61_000)).ticket(id)
    const face = async (path: string, bearer?: string) => {
      const answer = await read(server, path, bearer)
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
      expect((await read(server, path, ticket)).status).toBe(404)
    }
  })

  test('an upload exists for its owner only', async () => {
    const server = await startTestServer()
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
    const server = await startTestServer()
    const stranger = openClient(images.ImagesClient, server.internal, {
      metadata: keyMetadata(serviceKeyHeader, 'x'.repeat(43)),
    })
    onTestFinished(() => stranger.close())
    await expect(stranger.call.getUsage({})).rejects.toMatchObject({ kind: 'unauthenticated' })
    const holds = openClient(common.HoldsClient, server.internal)
    onTestFinished(() => holds.close())
    await expect(holds.call.apply({ changes: [] })).rejects.toMatchObject({ reason: 'KEY_INVALID' })
  })
})

describe('the internal door', () => {
  test('takes holds, repeated or not, and says what is stored', async () => {
    const server = await startTestServer()
    const bytes = await scene(90, 60).png().toBuffer()
    const { id } = await uploadImage(server.url, await server.token(alice), bytes)
    const metadata = keyMetadata(serviceKeyHeader, await serviceKey(server))
    const holds = openClient(common.HoldsClient, server.internal, { metadata })
    const usage = openClient(images.ImagesClient, server.internal, { metadata })
    onTestFinished(() => (holds.close(), usage.close()))
    const missing = 'a'.repeat(32)
    const holder = 'conversation/1'
    const changes = [id, missing].map((one) => ({ id: one, holder, held: true }))
    for (const _time of [1, 2]) {
      expect(await holds.call.apply({ changes })).toEqual({ missing: [missing] })
    }
    expect(await usage.call.getUsage({})).toMatchObject({ images: 1, unfinishedUploads: 0 })
    const long = [{ id, holder: 'x'.repeat(129), held: true }]
    await expect(holds.call.apply({ changes: long })).rejects.toMatchObject({
      reason: 'HOLDER_MALFORMED',
    })
    const many = Array.from({ length: 1_001 }, () => ({ id, holder, held: true }))
    await expect(holds.call.apply({ changes: many })).rejects.toMatchObject({
      reason: 'TOO_MANY_CHANGES',
    })
  })
})

test('says that it is well', async () => {
  const server = await startTestServer()
  expect((await read(server, '/healthz')).status).toBe(200)
})

async function verifiedReceipt(server: TestServer, receipt: string) {
  const keys = openSigningKeys(server.internal, await serviceKey(server))
  onTestFinished(() => keys.close())
  const keySet = new RemoteKeySet({
    issuer: 'img-server',
    fetch: () => keys.fetch(),
    cacheFile: join(server.folder, 'img-keys.json'),
    log: recordingLogger().log,
  })
  return verifyReceipt(new Verifier(keySet), receipt)
}

function withoutTime<T extends { expiresAtMs: number }>({ expiresAtMs: _, ...rest }: T) {
  return rest
}

function withoutDate(headers: Headers) {
  return Object.fromEntries([...headers].filter(([name]) => name !== 'date'))
}

function half(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.length / 2)
}

function heic(): Buffer {
  return Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x08meta', 'latin1')
}
