import { createHash, randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { request } from 'node:http'
import path from 'node:path'
import { digestBytes } from '@parley/blob-store'
import { FakeScheduler, eventually, tempFolder } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  append,
  begin,
  bytesType,
  head,
  reasonOf,
  send,
  tusHeaders,
} from '../testing/http-client.ts'
import { openWorld } from '../testing/world.ts'
import type { WorldOptions } from '../testing/world.ts'

describe('appending', () => {
  test('goes on where the bytes end, and tells of the file at the last', async () => {
    const { root, store, blobs } = await setup()
    const url = await begin(root, 'user-a', 10)
    const first = await append(url, 'user-a', 0, Buffer.from('01234'))
    expect([first.status, first.headers['upload-offset']]).toEqual([204, '5'])
    expect((await head(url)).headers['upload-offset']).toBe('5')
    const last = await append(url, 'user-a', 5, Buffer.from('56789'))
    expect([last.status, last.headers['upload-offset']]).toEqual([204, '10'])
    const file = store.files.find(String(last.headers['parley-file-id']))
    const blob = await blobs.open(file!.variants[0]!.digest)
    const chunks = await blob!.stream(0, 10).toArray()
    expect(Buffer.concat(chunks as Buffer[]).toString()).toBe('0123456789')
    await blob!.close()
  })

  test('tells of the same file again and again', async () => {
    const { root } = await setup()
    const url = await begin(root, 'user-a', 5)
    const done = await append(url, 'user-a', 0, Buffer.from('hello'))
    const id = done.headers['parley-file-id']
    expect(id).toMatch(/^[a-z2-7]{32}$/)
    const repeated = await append(url, 'user-a', 5, Buffer.alloc(0))
    expect([repeated.status, repeated.headers['parley-file-id']]).toEqual([204, id])
    expect((await head(url)).headers['parley-file-id']).toBe(id)
    const shown = await send('GET', url, tusHeaders('user-a'))
    expect(JSON.parse(shown.body.toString())).toEqual({
      upload: { sizeBytes: 5, offsetBytes: 5, fileId: id },
    })
  })

  test.each([
    [3, 'behind'],
    [7, 'ahead'],
    [900, 'beyond the end'],
  ])('refuses an offset of %d, %s of the bytes, with 409', async (offset) => {
    const { root } = await setup()
    const url = await begin(root, 'user-a', 10)
    await append(url, 'user-a', 0, Buffer.from('01234'))
    const answer = await append(url, 'user-a', offset, Buffer.from('x'))
    expect([answer.status, reasonOf(answer)]).toEqual([409, 'OFFSET_MISMATCH'])
    expect((await head(url)).headers['upload-offset']).toBe('5')
  })

  test('refuses more bytes than announced, told or not', async () => {
    const { root } = await setup()
    const url = await begin(root, 'user-a', 3)
    const told = await append(url, 'user-a', 0, Buffer.from('abcd'))
    expect([told.status, reasonOf(told)]).toEqual([413, 'UPLOAD_TOO_LONG'])
    const untold = await append(url, 'user-a', 0, Buffer.from('abcd'), {
      'Transfer-Encoding': 'chunked',
    })
    expect([untold.status, reasonOf(untold)]).toEqual([413, 'UPLOAD_TOO_LONG'])
    expect((await append(url, 'user-a', 0, Buffer.from('abc'))).status).toBe(204)
  })

  test('refuses a body of another type with 415', async () => {
    const { root } = await setup()
    const url = await begin(root, 'user-a', 3)
    const more = { 'Content-Type': 'text/plain' }
    const answer = await append(url, 'user-a', 0, Buffer.from('abc'), more)
    expect([answer.status, reasonOf(answer)]).toEqual([415, 'BODY_TYPE'])
  })

  test('takes PATCH in the disguise of POST', async () => {
    const { root } = await setup()
    const url = await begin(root, 'user-a', 3)
    const disguise = { 'X-HTTP-Method-Override': 'PATCH', 'Upload-Offset': 0, ...bytesType }
    const answer = await send('POST', url, tusHeaders('user-a', disguise), Buffer.from('abc'))
    expect(answer.status).toBe(204)
  })

  test('keeps what came before the connection broke', async () => {
    const { root, store } = await setup()
    const bytes = randomBytes(3_000_000)
    const url = await begin(root, 'user-a', bytes.length)
    await breakOff(url, bytes.subarray(0, 1_234_567))
    await eventually(async () => {
      expect((await head(url)).headers['upload-offset']).toBe('1234567')
    })
    // The first writer may still be letting go of the part.
    const rest = await eventually(async () => {
      const answer = await append(url, 'user-a', 1_234_567, bytes.subarray(1_234_567))
      expect(answer.status).toBe(204)
      return answer
    })
    const file = store.files.find(String(rest.headers['parley-file-id']))
    expect(file?.variants[0]?.sizeBytes).toBe(bytes.length)
  })

  test('tells who comes back at once of all that came before the connection broke', async () => {
    // No time passes: the answer waits until all is on disk.
    const { root } = await setup({ scheduler: new FakeScheduler() })
    const url = await begin(root, 'user-a', 8_000_000)
    const first = await beginBody(url, 8_000_000)
    const bytes = randomBytes(7_000_000)
    await new Promise((resolve) => first.write(bytes, resolve))
    first.destroy()
    expect((await head(url)).headers['upload-offset']).toBe('7000000')
  })

  test('tells how far a writer is that goes on writing', async () => {
    const { root } = await setup()
    const url = await begin(root, 'user-a', 8_000_000)
    const first = await beginBody(url, 8_000_000)
    await new Promise((resolve) => first.write(randomBytes(5_000_000), resolve))
    await eventually(async () => {
      expect((await head(url)).headers['upload-offset']).toBe(String(4 << 20))
    })
    first.destroy()
  })

  test('lets one writer at a time in and answers 423 to the second', async () => {
    const { root } = await setup()
    const url = await begin(root, 'user-a', 1_000)
    const first = openBody(url)
    first.write(Buffer.alloc(10))
    const second = await eventually(async () => {
      const answer = await append(url, 'user-a', 0, Buffer.alloc(0))
      expect(answer.status).toBe(423)
      return answer
    })
    expect(reasonOf(second)).toBe('UPLOAD_BUSY')
    expect((await send('DELETE', url, tusHeaders('user-a'))).status).toBe(423)
    first.destroy()
    await eventually(async () => {
      const offset = Number((await head(url)).headers['upload-offset'])
      const rest = await append(url, 'user-a', offset, Buffer.alloc(1_000 - offset))
      expect(rest.headers['parley-file-id']).toBeDefined()
    })
  })

  test('answers 503 when too many bodies come in at once', async () => {
    const { root } = await setup({ limits: { maxActiveAppends: 1 } })
    const body = openBody(await begin(root, 'user-a', 1_000))
    body.write(Buffer.alloc(10))
    const url = await begin(root, 'user-b', 3)
    const refused = await eventually(async () => {
      const answer = await append(url, 'user-b', 0, Buffer.alloc(0))
      expect(answer.status).toBe(503)
      return answer
    })
    expect([reasonOf(refused), refused.headers['retry-after']]).toEqual(['BUSY', '2'])
    body.destroy()
    await eventually(async () => {
      expect((await append(url, 'user-b', 0, Buffer.from('abc'))).status).toBe(204)
    })
  })

  test('cuts off a body that comes too slowly, and keeps what came', async () => {
    const { root } = await setup({ pace: { windowMs: 50, minBytes: 1_000 } })
    const url = await begin(root, 'user-a', 1_000)
    const body = openBody(url)
    body.write(Buffer.alloc(10))
    expect(await statusOf(body)).toBe(408)
    expect((await head(url)).headers['upload-offset']).toBe('10')
  })

  test('asks a waiting client to go on only when its body is wanted', async () => {
    const { root } = await setup()
    const url = await begin(root, 'user-a', 3)
    expect(await askFirst(url, 'user-a', 2)).toEqual({ continued: false, status: 409 })
    expect(await askFirst(url, 'user-b', 0)).toEqual({ continued: false, status: 404 })
    expect(await askFirst(url, 'user-a', 0)).toEqual({ continued: true, status: 204 })
  })
})

describe('checksums', () => {
  const sum = (algorithm: string, text: string) => ({
    'Upload-Checksum': `${algorithm} ${createHash(algorithm).update(text).digest('base64')}`,
  })

  test.each(['sha1', 'sha256'])('takes a body that has its %s', async (algorithm) => {
    const { root } = await setup()
    const url = await begin(root, 'user-a', 5)
    const answer = await append(url, 'user-a', 0, Buffer.from('hello'), sum(algorithm, 'hello'))
    expect(answer.status).toBe(204)
    expect(answer.headers['parley-file-id']).toBeDefined()
  })

  test('throws a body with another sum away, answers 460 and stays where it was', async () => {
    const { root, store } = await setup()
    const url = await begin(root, 'user-a', 10)
    await append(url, 'user-a', 0, Buffer.from('01234'))
    const wrong = await append(url, 'user-a', 5, Buffer.from('XXXXX'), sum('sha1', '56789'))
    expect([wrong.status, reasonOf(wrong)]).toEqual([460, 'CHECKSUM_MISMATCH'])
    expect((await head(url)).headers['upload-offset']).toBe('5')
    const right = await append(url, 'user-a', 5, Buffer.from('56789'), sum('sha1', '56789'))
    const file = store.files.find(String(right.headers['parley-file-id']))
    expect(file?.variants[0]?.digest).toBe(digestBytes(Buffer.from('0123456789')))
  })

  test('takes nothing of a checksummed body that broke off', async () => {
    const { root, folder } = await setup()
    const url = await begin(root, 'user-a', 8_000_000)
    const body = await beginBody(url, 8_000_000, sum('sha1', 'whatever'))
    await new Promise((resolve) => body.write(randomBytes(3_000_000), resolve))
    const part = path.join(folder, 'parts', url.split('/').at(-1) ?? '')
    await eventually(async () => expect((await stat(part)).size).toBeGreaterThan(0))
    body.destroy()
    await eventually(async () => {
      expect((await append(url, 'user-a', 0, Buffer.alloc(1))).status).toBe(204)
    })
    expect((await head(url)).headers['upload-offset']).toBe('1')
  })

  test('refuses an algorithm it does not know with 400', async () => {
    const { root } = await setup()
    const url = await begin(root, 'user-a', 5)
    const more = { 'Upload-Checksum': 'crc32 AAAAAA==' }
    const answer = await append(url, 'user-a', 0, Buffer.from('hello'), more)
    expect([answer.status, reasonOf(answer)]).toEqual([400, 'CHECKSUM_UNKNOWN'])
  })
})

async function setup(options: WorldOptions = {}) {
  const folder = await tempFolder()
  const world = await openWorld(folder, options)
  onTestFinished(() => world.close())
  return { ...world, folder }
}

// A PATCH of 1,000 bytes whose body the test writes itself.
function openBody(url: string, more: Record<string, string> = {}) {
  const headers = tusHeaders('user-a', { 'Upload-Offset': 0, 'Content-Length': 1_000 })
  const call = request(url, {
    method: 'PATCH',
    agent: false,
    headers: { ...headers, ...bytesType, ...more },
  })
  call.on('error', () => undefined)
  return call
}

function statusOf(call: ReturnType<typeof openBody>): Promise<number | undefined> {
  return new Promise((resolve) => {
    call.once('response', (response) => resolve(response.resume().statusCode))
  })
}

// Sends a part of a body that should have more, then drops the connection.
function breakOff(url: string, bytes: Buffer): Promise<void> {
  const more = { 'Upload-Offset': 0, 'Content-Length': 3_000_000, ...bytesType }
  const call = request(url, { method: 'PATCH', agent: false, headers: tusHeaders('user-a', more) })
  call.on('error', () => undefined)
  return new Promise((resolve) => {
    call.write(bytes, () => {
      call.destroy()
      resolve()
    })
  })
}

// A body that the server has begun to take.
async function beginBody(url: string, lengthBytes: number, sum: Record<string, string> = {}) {
  const more = { 'Upload-Offset': 0, 'Content-Length': lengthBytes, ...bytesType, ...sum }
  const call = request(url, { method: 'PATCH', agent: false, headers: tusHeaders('user-a', more) })
  call.on('error', () => undefined)
  call.flushHeaders()
  await eventually(async () => {
    expect((await append(url, 'user-a', 0, Buffer.alloc(0))).status).toBe(423)
  })
  return call
}

function askFirst(url: string, user: string, offset: number) {
  const more = {
    'Upload-Offset': offset,
    'Content-Length': 3,
    Expect: '100-continue',
    ...bytesType,
  }
  const call = request(url, { method: 'PATCH', agent: false, headers: tusHeaders(user, more) })
  let continued = false
  call.once('continue', () => {
    continued = true
    call.end('abc')
  })
  call.flushHeaders()
  return new Promise<{ continued: boolean; status: number | undefined }>((resolve) => {
    call.once('response', (response) => {
      response.resume()
      resolve({ continued, status: response.statusCode })
      if (!continued) call.destroy()
    })
  })
}
