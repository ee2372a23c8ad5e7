import { randomBytes } from 'node:crypto'
import { createConnection } from 'node:net'
import type { Socket } from 'node:net'
import { tempFolder } from '@parley/testkit'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { append, begin, send } from '../testing/http-client.ts'
import type { Answer } from '../testing/http-client.ts'
import { openWorld } from '../testing/world.ts'
import type { WorldOptions } from '../testing/world.ts'

describe('a whole file', () => {
  test('comes back byte for byte with headers that let no browser run it', async () => {
    const { url, bytes, digest } = await setup(randomBytes(1_000_000))
    const answer = await get(url)
    expect(answer.status).toBe(200)
    expect(Buffer.compare(answer.body, bytes)).toBe(0)
    expect(answer.headers).toMatchObject({
      etag: `"${digest}"`,
      'content-length': '1000000',
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment; filename="download"; filename*=UTF-8\'\'download',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
      'cache-control': 'private, no-cache',
      'accept-ranges': 'bytes',
      vary: 'Authorization',
    })
  })

  test('of no bytes is an empty answer', async () => {
    const { url } = await setup(Buffer.alloc(0))
    const answer = await get(url)
    expect([answer.status, answer.body.length]).toEqual([200, 0])
    expect((await get(url, { Range: 'bytes=0-' })).status).toBe(416)
  })
})

describe('ranges', () => {
  test('are the slices of the source, whatever they are', async () => {
    const { url, bytes } = await setup(randomBytes(10_000))
    const number = fc.nat(12_000)
    const spec = fc.oneof(
      fc.tuple(number, number).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
      number.map((start) => `${start}-`),
      number.map((count) => `-${count}`),
    )
    await fc.assert(
      fc.asyncProperty(spec, async (range) => {
        const answer = await get(url, { Range: `bytes=${range}` })
        const slice = sliceOf(bytes, range)
        if (!slice) {
          expect(answer.status).toBe(416)
          expect(answer.headers['content-range']).toBe('bytes */10000')
          return
        }
        expect(answer.status).toBe(206)
        expect(answer.headers['content-range']).toBe(`bytes ${slice.start}-${slice.end - 1}/10000`)
        expect(Buffer.compare(answer.body, bytes.subarray(slice.start, slice.end))).toBe(0)
      }),
      { numRuns: 200 },
    )
  })

  test('come several at once as multipart, with an exact length', async () => {
    const { url, bytes } = await setup(randomBytes(1_000))
    const answer = await get(url, { Range: 'bytes=900-, 0-9, 500-599' })
    expect(answer.status).toBe(206)
    expect(answer.headers['content-length']).toBe(String(answer.body.length))
    const parts = partsOf(answer)
    expect(parts.map((part) => part.range)).toEqual([
      'bytes 900-999/1000',
      'bytes 0-9/1000',
      'bytes 500-599/1000',
    ])
    const expected = [bytes.subarray(900), bytes.subarray(0, 10), bytes.subarray(500, 600)]
    expect(parts.map((part) => part.bytes)).toEqual(expected)
  })

  test('are left out of account when the bytes are others than the client has', async () => {
    const { url, digest } = await setup(randomBytes(100))
    const same = await get(url, { Range: 'bytes=0-9', 'If-Range': `"${digest}"` })
    const other = await get(url, { Range: 'bytes=0-9', 'If-Range': '"other"' })
    expect([same.status, other.status]).toEqual([206, 200])
  })
})

test('an unchanged file is not sent again', async () => {
  const { url, digest } = await setup(randomBytes(100))
  const same = await get(url, { 'If-None-Match': `"${digest}"` })
  expect([same.status, same.body.length]).toEqual([304, 0])
  expect((await get(url, { 'If-Match': '"other"' })).status).toBe(412)
})

describe('a running download', () => {
  const big = 64 << 20

  test('ends when its leave is gone at the next look', async () => {
    const { url, root } = await setup(Buffer.alloc(big), { pace: { recheckMs: 50 } })
    expect(await readSlowly(root, url, 'user-brief')).toBeLessThan(big)
  })

  test('goes on while its leave lasts', async () => {
    const { url, root } = await setup(Buffer.alloc(big), { pace: { recheckMs: 50 } })
    expect(await readSlowly(root, url, 'user-a')).toBeGreaterThanOrEqual(big)
  })

  test('ends when its reader takes nothing', async () => {
    const pace = { windowMs: 50, minBytes: 1_000 }
    const { url, root } = await setup(Buffer.alloc(big), { pace })
    expect(await readAfterPause(root, url)).toBeLessThan(big)
  })
})

async function setup(bytes: Buffer, options: WorldOptions = {}) {
  const world = await openWorld(await tempFolder(), options)
  onTestFinished(() => world.close())
  const place = await begin(world.root, 'user-a', bytes.length)
  const done = await append(place, 'user-a', 0, bytes)
  const id = String(done.headers['parley-file-id'])
  const digest = world.store.files.find(id)!.variants[0]!.digest
  return { ...world, bytes, digest, url: `${world.root}/files/${id}` }
}

function get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  return send('GET', url, { Authorization: 'Bearer user-a', ...headers })
}

function sliceOf(bytes: Buffer, range: string) {
  const [first = '', last = ''] = range.split('-')
  const start = first === '' ? Math.max(0, bytes.length - Number(last)) : Number(first)
  const end = first === '' || last === '' ? bytes.length : Math.min(bytes.length, Number(last) + 1)
  return start < end ? { start, end } : undefined
}

function partsOf({ headers, body }: Answer) {
  const boundary = /boundary=(.+)$/.exec(headers['content-type'] ?? '')?.[1] ?? ''
  const text = body.toString('latin1')
  const parts = text.split(`\r\n--${boundary}`)
  expect(parts.at(-1)).toBe('--\r\n')
  return parts.slice(1, -1).map((part) => {
    const [head = '', ...rest] = part.split('\r\n\r\n')
    const range = /Content-Range: (.+)/.exec(head)?.[1]
    return { range, bytes: Buffer.from(rest.join('\r\n\r\n'), 'latin1') }
  })
}

function connect(root: string, url: string, user: string) {
  const { hostname, port, pathname } = new URL(url)
  const socket = createConnection(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  const head = `GET ${pathname} HTTP/1.1\r\nHost: ${root}\r\nAuthorization: Bearer ${user}\r\n`
  socket.write(`${head}Connection: close\r\n\r\n`)
  return socket
}

// Takes at most 1 MiB in 5 ms, so that 64 MiB outlast several looks at the leave.
async function readSlowly(root: string, url: string, user: string): Promise<number> {
  const socket = connect(root, url, user)
  let count = 0
  socket.on('data', (chunk: Buffer) => {
    count += chunk.length
    if (count % (1 << 20) >= chunk.length) return
    socket.pause()
    setTimeout(() => socket.resume(), 5)
  })
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.once('close', resolve))
  return count
}

// Takes the first bytes, nothing for a second, and then whatever still comes.
async function readAfterPause(root: string, url: string): Promise<number> {
  const socket = connect(root, url, 'user-a')
  let count = 0
  socket.on('error', () => undefined)
  socket.once('data', () => {
    socket.pause()
    resumeAfter(socket, 20)
  })
  socket.on('data', (chunk: Buffer) => (count += chunk.length))
  await new Promise((resolve) => socket.once('close', resolve))
  return count
}

// In so many turns of 50 ms: also on a machine that stands still the server, in this process, has had its own.
function resumeAfter(socket: Socket, turns: number): void {
  if (turns === 0) socket.resume()
  else setTimeout(() => resumeAfter(socket, turns - 1), 50)
}
