import { chmod, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestBytes } from '@parley/blob-store'
import { eventually, recordingLogger, tempFolder } from '@parley/testkit'
import sharp from 'sharp'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ImgServerParts } from '../img-server.ts'
import { animation, photograph, scene, screenshot } from '../testing/pictures.ts'
import { childrenOf } from '../testing/processes.ts'
import { append, begin, read, uploadImage } from '../testing/requests.ts'
import { alice, startTestServer } from '../testing/start-test-server.ts'

async function setup(parts: Partial<ImgServerParts> = {}) {
  const { log, lines } = recordingLogger()
  const server = await startTestServer(await tempFolder(), { log, ...parts })
  onTestFinished(() => server.close())
  const token = await server.token(alice)
  const upload = async (bytes: Buffer) => {
    const { id } = await uploadImage(server.url, token, bytes)
    const ticket = await server.ticket(id)
    const ask = (variant: string, headers: Record<string, string> = {}, method = 'GET') =>
      read(server.url, `/images/${id}/${variant}`, ticket, { method, headers })
    return { id, ask, get: (variant: string, accept?: string) => get(ask, variant, accept) }
  }
  return { server, token, upload, lines }
}

type Ask = (variant: string, headers?: Record<string, string>) => Promise<Response>

async function get(ask: Ask, variant: string, accept?: string) {
  const answer = await ask(variant, accept === undefined ? {} : { Accept: accept })
  const bytes = Buffer.from(await answer.arrayBuffer())
  expect(answer.status).toBe(200)
  expect(answer.headers.get('etag')).toBe(`"${digestBytes(bytes)}"`)
  expect(answer.headers.get('content-length')).toBe(String(bytes.length))
  return { bytes, type: answer.headers.get('content-type'), headers: answer.headers }
}

describe('the type of a variant', () => {
  test('is what its reader likes best, each with an ETag of its own', async () => {
    const { upload } = await setup()
    const { get } = await upload(await photograph(1600, 1200))
    for (const [variant, stored, other] of [
      ['thumb', 'image/webp', 'image/jpeg'],
      ['preview', 'image/webp', 'image/jpeg'],
      ['full', 'image/jpeg', 'image/webp'],
    ] as const) {
      const one = await get(variant)
      const two = await get(variant, other)
      expect([one.type, two.type]).toEqual([stored, other])
      expect(one.headers.get('etag')).not.toBe(two.headers.get('etag'))
      const sizes = [one, two].map(async ({ bytes }) => {
        const { width, height, format } = await sharp(bytes).metadata()
        expect([stored, other]).toContain(`image/${format}`)
        return [width, height]
      })
      const [size, sameSize] = await Promise.all(sizes)
      expect(sameSize).toEqual(size)
      expect(two.bytes.includes('Secret')).toBe(false)
      // Made once: the same bytes again, and the other type is still what it was.
      expect((await get(variant, other)).bytes).toEqual(two.bytes)
      expect((await get(variant, '*/*')).bytes).toEqual(one.bytes)
    }
  })

  test('is the stored one for who takes none that we have', async () => {
    const { upload } = await setup()
    const { get } = await upload(await scene(300, 200).jpeg().toBuffer())
    expect((await get('full', 'text/html, image/avif')).type).toBe('image/jpeg')
  })

  test('names the file accordingly and tells caches what it depends on', async () => {
    const { upload } = await setup()
    const { get } = await upload(await scene(300, 200).jpeg().toBuffer())
    for (const [accept, ending] of [
      ['image/webp', 'webp'],
      ['image/jpeg', 'jpg'],
    ] as const) {
      expect(Object.fromEntries((await get('full', accept)).headers)).toMatchObject({
        'content-disposition': expect.stringContaining(`filename="holiday.${ending}"`),
        'cache-control': 'private, max-age=31536000, immutable',
        vary: 'Accept, Authorization',
        'x-content-type-options': 'nosniff',
      })
    }
  })

  test('keeps a screenshot exact in WebP as well', async () => {
    const { upload } = await setup()
    const drawn = await screenshot(900, 600)
    const { get } = await upload(drawn)
    const pixels = await sharp(drawn).raw().toBuffer()
    for (const accept of ['image/png', 'image/webp']) {
      const { bytes, type } = await get('full', accept)
      expect(type).toBe(accept)
      expect(await sharp(bytes).raw().toBuffer()).toEqual(pixels)
    }
  })

  test('gives who takes only JPEG the first frame of an animation', async () => {
    const { upload } = await setup()
    const { get } = await upload(await animation(120, 80, 6))
    const moving = await sharp((await get('full')).bytes).metadata()
    const still = await sharp((await get('full', 'image/jpeg')).bytes).metadata()
    expect([moving.pages, still.pages ?? 1]).toEqual([6, 1])
    expect([still.format, still.width, still.height]).toEqual(['jpeg', 120, 80])
  })

  test('puts a transparent picture on white for who takes only JPEG', async () => {
    const { upload } = await setup()
    const background = { r: 0, g: 0, b: 0, alpha: 0 }
    const clear = sharp({ create: { width: 60, height: 40, channels: 4, background } })
    const { get } = await upload(await clear.png().toBuffer())
    const { bytes } = await get('thumb', 'image/jpeg')
    expect([...(await sharp(bytes).raw().toBuffer()).subarray(0, 3)]).toEqual([255, 255, 255])
  })

  test('is weighed before conditions and ranges, which then mean that type', async () => {
    const { upload } = await setup()
    const { ask, get } = await upload(await scene(300, 200).jpeg().toBuffer())
    const webp = await get('full', 'image/webp')
    const etag = webp.headers.get('etag') ?? ''
    const again = { Accept: 'image/webp', 'If-None-Match': etag }
    expect((await ask('full', again)).status).toBe(304)
    expect((await ask('full', { ...again, Accept: 'image/jpeg' })).status).toBe(200)
    const tail = { Accept: 'image/webp', Range: 'bytes=100-', 'If-Range': etag }
    const part = await ask('full', tail)
    expect(part.status).toBe(206)
    expect(Buffer.from(await part.arrayBuffer())).toEqual(webp.bytes.subarray(100))
    expect((await ask('full', { ...tail, Accept: 'image/jpeg' })).status).toBe(200)
    const head = await ask('full', { Accept: 'image/webp' }, 'HEAD')
    expect(head.headers.get('etag')).toBe(etag)
  })
})

test('a type that cannot be made of an image is tried and logged once, and its readers get the stored one', async () => {
  const { server, upload, lines } = await setup()
  const { ask, get } = await upload(await scene(300, 200).jpeg().toBuffer())
  const { bytes } = await get('full')
  const blobs = join(server.folder, 'img-server', 'images')
  const names = await readdir(blobs, { recursive: true })
  const path = join(blobs, names.find((name) => name.endsWith(digestBytes(bytes).slice(-32))) ?? '')
  await chmod(path, 0o600)
  await writeFile(path, Buffer.alloc(bytes.length))
  for (const accept of ['image/webp', 'image/webp, image/jpeg;q=0.5']) {
    const answer = await ask('full', { Accept: accept })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/jpeg'])
  }
  expect(lines.filter(({ msg }) => msg === 'representation could not be made')).toHaveLength(1)
})

test('while no worker is free who takes the stored type gets it, others are told to come again', async () => {
  const { server, token, upload, lines } = await setup({ pool: { workers: 1, maxWaiting: 0 } })
  const bytes = await scene(300, 200).jpeg().toBuffer()
  const { ask, get } = await upload(bytes)
  for (const pid of await childrenOf(process.pid)) process.kill(pid, 'SIGSTOP')
  const address = await begin(server.url, token, bytes.length)
  const stuck = append(address, token, bytes).catch(() => undefined)
  const work = join(server.folder, 'img-server', 'work')
  await eventually(async () => (await readdir(work)).length === 1)
  const refused = await ask('full', { Accept: 'image/webp' })
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
  expect(await refused.json()).toMatchObject({ error: { reason: 'IMAGE_QUEUE_FULL' } })
  expect((await get('full', 'image/webp, image/jpeg;q=0.5')).type).toBe('image/jpeg')
  expect(lines.some(({ msg }) => msg === 'representation could not be made')).toBe(true)
  await server.close()
  await stuck
})
