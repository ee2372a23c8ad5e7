import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { RemoteKeySet, Verifier, verifyReceipt } from '@parley/auth'
import { digestBytes } from '@parley/blob-store'
import { openSigningKeys } from '@parley/grpc-kit'
import { eventually, recordingLogger, tempFolder } from '@parley/testkit'
import sharp from 'sharp'
import { Upload } from 'tus-js-client'
import { describe, expect, onTestFinished, test } from 'vitest'
import { variantNames } from './domain/variant.ts'
import type { ImgServerParts } from './img-server.ts'
import { animation, photograph, scene } from './testing/pictures.ts'
import { blackPng } from './testing/png.ts'
import { alice, serviceKey, startTestServer } from './testing/start-test-server.ts'
import type { TestServer } from './testing/start-test-server.ts'
import { childrenOf } from './testing/processes.ts'
import { append, begin, look, read, uploadImage } from './testing/requests.ts'

async function setup(parts: Partial<ImgServerParts> = {}): Promise<TestServer> {
  const { log } = recordingLogger()
  const server = await startTestServer(await tempFolder(), { log, ...parts })
  onTestFinished(() => server.close())
  return server
}

describe('an uploaded image', () => {
  test('comes back in three variants without its metadata, under a receipt of the full one', async () => {
    const server = await setup()
    const upload = await photograph(1600, 1200)
    const { id, receipt } = await uploadImage(server.url, await server.token(alice), upload)
    const ticket = await server.ticket(id)
    const sizes: Record<string, unknown> = {}
    for (const name of variantNames) {
      const answer = await read(server.url, `/images/${id}/${name}`, ticket)
      const bytes = Buffer.from(await answer.arrayBuffer())
      expect(answer.headers.get('etag')).toBe(`"${digestBytes(bytes)}"`)
      for (const mark of ['Exif', 'GPSLatitude', 'Secret']) expect(bytes.includes(mark)).toBe(false)
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
    const full = await read(server.url, `/images/${id}/full`, ticket)
    const bytes = Buffer.from(await full.arrayBuffer())
    expect(said.digest).toBe(digestBytes(bytes))
    expect(said.sizeBytes).toBe(bytes.length)
  })

  test('is served as an attachment that no browser runs or shares', async () => {
    const server = await setup()
    const token = await server.token(alice)
    const { id } = await uploadImage(server.url, token, await animation(40, 30, 3))
    const answer = await read(server.url, `/images/${id}/full`, await server.ticket(id))
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/webp',
      'content-disposition': expect.stringContaining('attachment; filename="holiday.webp"'),
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
      'cache-control': 'private, max-age=31536000, immutable',
    })
  })

  test('need not be sent again to who has it, and resumes in ranges', async () => {
    const server = await setup()
    const token = await server.token(alice)
    const { id } = await uploadImage(server.url, token, await scene(300, 200).jpeg().toBuffer())
    const ticket = await server.ticket(id)
    const path = `/images/${id}/full`
    const whole = await read(server.url, path, ticket)
    const etag = whole.headers.get('etag') ?? ''
    const bytes = Buffer.from(await whole.arrayBuffer())
    const again = await read(server.url, path, ticket, { headers: { 'If-None-Match': etag } })
    expect([again.status, await again.text()]).toEqual([304, ''])
    const part = await read(server.url, path, ticket, {
      headers: { Range: 'bytes=100-', 'If-Range': etag },
    })
    expect(part.status).toBe(206)
    expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(100))
    const head = await read(server.url, path, ticket, { method: 'HEAD' })
    expect(head.headers.get('content-length')).toBe(String(bytes.length))
  })

  test('tells its id again to a client that missed the answer', async () => {
    const server = await setup()
    const token = await server.token(alice)
    const made = await uploadImage(server.url, token, await scene(300, 200).jpeg().toBuffer())
    const { headers } = await look(made.upload, token)
    expect(headers.get('parley-image-id')).toBe(made.id)
    const receipt = await verifiedReceipt(server, headers.get('parley-receipt') ?? '')
    expect(receipt).toMatchObject(withoutTime(await verifiedReceipt(server, made.receipt)))
  })

  test('resumes where the bytes end, by an independent tus client', async () => {
    const server = await setup()
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

test('an image whose worker is killed in the middle is refused, and the next one is made', async () => {
  const server = await setup({ pool: { workers: 1 } })
  const token = await server.token(alice)
  const small = await scene(90, 60).png().toBuffer()
  await uploadImage(server.url, token, small)
  const [worker = 0] = await childrenOf(process.pid)
  // Stopped, so that it is surely in the middle of the next image when it is killed.
  process.kill(worker, 'SIGSTOP')
  const upload = await begin(server.url, token, small.length)
  const answer = append(upload, token, small)
  const work = join(server.folder, 'img-server', 'work')
  await eventually(async () => (await readdir(work)).length === 1)
  process.kill(worker, 'SIGKILL')
  expect((await answer).status).toBe(422)
  expect(await (await answer).json()).toMatchObject({ error: { reason: 'IMAGE_TOO_COSTLY' } })
  const next = await uploadImage(server.url, token, small)
  expect(next.id).toMatch(/^[a-z2-7]{32}$/)
})

describe('a refused image', () => {
  test.each([
    ['SVG', async () => Buffer.from('<svg/>'), 415, 'IMAGE_FORMAT_UNSUPPORTED', 'JPEG, PNG'],
    ['HEIC', async () => heic(), 415, 'IMAGE_FORMAT_UNSUPPORTED', 'this is HEIC'],
    ['broken', async () => half(await photograph(800, 600)), 422, 'IMAGE_BROKEN', 'decoded'],
    [
      '50 megapixels',
      async () => blackPng(10_000, 5_000),
      422,
      'IMAGE_TOO_MANY_PIXELS',
      '50.0 megapixels',
    ],
  ])('that is %s says why, and its upload is gone', async (_note, make, status, reason, words) => {
    const server = await setup()
    const token = await server.token(alice)
    const bytes = await make()
    const upload = await begin(server.url, token, bytes.length)
    const answer = await append(upload, token, bytes)
    expect(answer.status).toBe(status)
    expect(await answer.json()).toEqual({
      error: { reason, message: expect.stringContaining(words) },
    })
    expect((await look(upload, token)).status).toBe(404)
    expect(await readdir(join(server.folder, 'img-server', 'parts'))).toEqual([])
  })

  test('of zero bytes is refused at its creation', async () => {
    const server = await setup()
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
    const server = await setup()
    const create = begin(server.url, await server.token(alice), 64 * 1024 * 1024 + 1)
    await expect(create).rejects.toThrow('413')
  })

  test('that finds too many waiting is told to come again, and then is made', async () => {
    const server = await setup({ pool: { workers: 1, maxWaiting: 0 } })
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

test('says that it is well', async () => {
  const server = await setup()
  expect((await read(server.url, '/healthz')).status).toBe(200)
})

async function verifiedReceipt(server: TestServer, receipt: string) {
  const keys = openSigningKeys(server.internal, await serviceKey(server.folder))
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

function half(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.length / 2)
}

function heic(): Buffer {
  return Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x08meta', 'latin1')
}
