import { randomBytes } from 'node:crypto'
import { tempFolder } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { append, begin } from '../testing/http-client.ts'
import { connectRaw } from '../testing/raw-client.ts'
import { openWorld } from '../testing/world.ts'

// Larger than any buffer, and no multiple of one.
const sizeBytes = 3_000_001

describe('a download on the wire', () => {
  test('answers one request after the other on one connection, each with its exact length', async () => {
    const { get, bytes, etag, surplus } = await setup()
    const whole = await get('GET')
    expect([whole.status, whole.headers['etag'], whole.headers['connection']]).toEqual([
      200,
      etag,
      'keep-alive',
    ])
    expect(whole.body.equals(bytes)).toBe(true)
    const single = await get('GET', { Range: 'bytes=1000000-2999999' })
    expect([single.status, single.headers['content-range']]).toEqual([
      206,
      `bytes 1000000-2999999/${sizeBytes}`,
    ])
    expect(single.body.equals(bytes.subarray(1_000_000, 3_000_000))).toBe(true)
    const suffix = await get('GET', { Range: 'bytes=-7' })
    expect(suffix.headers['content-range']).toBe(`bytes 2999994-3000000/${sizeBytes}`)
    expect(suffix.body.equals(bytes.subarray(-7))).toBe(true)
    expect((await get('GET', { 'If-None-Match': etag })).status).toBe(304)
    expect((await get('GET', { Range: `bytes=${sizeBytes}-` })).status).toBe(416)
    expect((await get('GET')).body.equals(bytes)).toBe(true)
    expect(surplus()).toBe(0)
  })

  test('sends several ranges as parts that a reader can tell apart', async () => {
    const { get, bytes, etag } = await setup()
    const answer = await get('GET', { Range: 'bytes=0-0, 2000000-2500000, -5' })
    const boundary = etag.replaceAll('"', '')
    expect(answer.headers['content-type']).toBe(`multipart/byteranges; boundary=${boundary}`)
    const part = (first: number, last: number) => [
      Buffer.from(
        `\r\n--${boundary}\r\nContent-Type: application/octet-stream\r\n` +
          `Content-Range: bytes ${first}-${last}/${sizeBytes}\r\n\r\n`,
      ),
      bytes.subarray(first, last + 1),
    ]
    const expected = Buffer.concat([
      ...part(0, 0),
      ...part(2_000_000, 2_500_000),
      ...part(sizeBytes - 5, sizeBytes - 1),
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ])
    expect(answer.body.equals(expected)).toBe(true)
  })

  test.each([
    ['bytes=0-9,5-20', 'overlapping ranges'],
    [`bytes=${Array.from({ length: 9 }, (_, i) => `${i * 2}-${i * 2}`).join()}`, 'nine ranges'],
    ['bytes=9-1', 'a backward range'],
    ['rows=0-9', 'another unit'],
  ])('sends the whole for %s: %s', async (range) => {
    const { get, bytes } = await setup()
    const answer = await get('GET', { Range: range })
    expect([answer.status, answer.body.equals(bytes)]).toEqual([200, true])
  })

  test('takes a range only with the strong tag of the same bytes in If-Range', async () => {
    const { get, etag } = await setup()
    const status = async (ifRange: string) =>
      (await get('GET', { Range: 'bytes=0-9', 'If-Range': ifRange })).status
    expect(await status(etag)).toBe(206)
    expect(await status(`W/${etag}`)).toBe(200)
    expect(await status(new Date().toUTCString())).toBe(200)
  })

  test('answers HEAD as GET without the bytes, whatever range it names', async () => {
    const { get, etag, surplus } = await setup()
    const answer = await get('HEAD', { Range: 'bytes=0-9' })
    expect(answer.status).toBe(200)
    expect(answer.headers).toMatchObject({
      etag,
      'content-length': String(sizeBytes),
      'accept-ranges': 'bytes',
    })
    // Had bytes followed, they would stand before the next answer.
    expect((await get('HEAD')).status).toBe(200)
    expect(surplus()).toBe(0)
  })

  test('hangs up after the last byte when the client wants no more', async () => {
    const { get, bytes, ended, surplus } = await setup()
    const answer = await get('GET', { Connection: 'close' })
    expect([answer.headers['connection'], answer.body.equals(bytes)]).toEqual(['close', true])
    await ended
    expect(surplus()).toBe(0)
  })
})

async function setup() {
  const world = await openWorld(await tempFolder())
  onTestFinished(() => world.close())
  const bytes = randomBytes(sizeBytes)
  const place = await begin(world.root, 'user-a', bytes.length)
  const id = String((await append(place, 'user-a', 0, bytes)).headers['parley-file-id'])
  const etag = `"${world.store.files.find(id)!.variants[0]!.digest}"`
  const { ask, ended, surplus } = await connectRaw(world.root)
  const get = (method: string, headers: Record<string, string> = {}) =>
    ask(method, `/files/${id}`, { Authorization: 'Bearer user-a', ...headers })
  return { bytes, etag, get, ended, surplus }
}
