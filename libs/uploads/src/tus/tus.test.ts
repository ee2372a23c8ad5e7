import { createHash, randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { request } from 'node:http'
import path from 'node:path'
import { digestBytes } from '@parley/blob-store'
import { AppError } from '@parley/errors'
import { eventually, tempFolder } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { append, begin, send, tusHeaders } from '../testing/http-client.ts'
import { openWorld } from '../testing/world.ts'
import type { WorldOptions } from '../testing/world.ts'

const bytesType = { 'Content-Type': 'application/offset+octet-stream' }

describe('creation', () => {
  test('answers 201 with the place of the upload and when it expires', async () => {
    const { root } = await setup()
    const headers = tusHeaders('user-a', { 'Upload-Length': 10 })
    const answer = await send('POST', `${root}/uploads`, headers)
    expect(answer.status).toBe(201)
    expect(answer.headers.location).toMatch(/^\/uploads\/[a-z2-7]{32}$/)
    expect(Date.parse(String(answer.headers['upload-expires']))).toBeGreaterThan(Date.now())
    expect(answer.headers['tus-resumable']).toBe('1.0.0')
  })

  test('takes the first bytes with the creation, and all of them', async () => {
    const { root, store } = await setup()
    const headers = { ...tusHeaders('user-a', { 'Upload-Length': 5 }), ...bytesType }
    const answer = await send('POST', `${root}/uploads`, headers, Buffer.from('hello'))
    expect(answer.status).toBe(201)
    expect(answer.headers['upload-offset']).toBe('5')
    expect(store.files.find(String(answer.headers['parley-file-id']))).toBeDefined()
  })

  test('completes an upload of no bytes at once', async () => {
    const { root, store } = await setup()
    const headers = tusHeaders('user-a', { 'Upload-Length': 0 })
    const answer = await send('POST', `${root}/uploads`, headers)
    expect(answer.status).toBe(201)
    const file = store.files.find(String(answer.headers['parley-file-id']))
    expect(file?.variants[0]?.sizeBytes).toBe(0)
  })

  test.each([
    [{}, 400, 'HEADER_MALFORMED', 'no length'],
    [{ 'Upload-Length': '-1' }, 400, 'HEADER_MALFORMED', 'a negative length'],
    [{ 'Upload-Length': '9007199254740993' }, 400, 'HEADER_MALFORMED', 'a length above 2^53'],
    [{ 'Upload-Length': '3000000000' }, 413, 'UPLOAD_TOO_LARGE', 'a length over the limit'],
    [{ 'Upload-Defer-Length': '1' }, 400, 'EXTENSION_UNSUPPORTED', 'no known length'],
    [
      { 'Upload-Length': '1', 'Upload-Concat': 'partial' },
      400,
      'EXTENSION_UNSUPPORTED',
      'one part of several',
    ],
    [
      { 'Upload-Length': '1', 'Upload-Metadata': 'filename ***' },
      400,
      'METADATA_MALFORMED',
      'metadata that is none',
    ],
    [{ 'Upload-Length': '1', 'Tus-Resumable': '0.2.2' }, 412, 'TUS_VERSION', 'another version'],
  ])('refuses %j with %d %s: %s', async (headers, status, reason, _note) => {
    const { root } = await setup()
    const answer = await send('POST', `${root}/uploads`, { ...tusHeaders('user-a'), ...headers })
    expect(answer.status).toBe(status)
    expect(reasonOf(answer.body)).toBe(reason)
  })

  test('bounds the unfinished uploads and the bytes of one user, not of others', async () => {
    const { root } = await setup({ limits: { maxUserUploads: 2, maxUserBytes: 100 } })
    await begin(root, 'user-a', 40)
    const tooBig = await create(root, 'user-a', 61)
    expect([tooBig.status, reasonOf(tooBig.body)]).toEqual([507, 'QUOTA_EXCEEDED'])
    await begin(root, 'user-a', 60)
    const tooMany = await create(root, 'user-a', 0)
    expect([tooMany.status, reasonOf(tooMany.body)]).toEqual([429, 'TOO_MANY_UPLOADS'])
    expect(tooMany.headers['retry-after']).toBe('60')
    await begin(root, 'user-b', 100)
  })

  test('keeps the bounds when many uploads begin at once', async () => {
    const { root } = await setup({ limits: { maxUserUploads: 3 } })
    const answers = await Promise.all(Array.from({ length: 12 }, () => create(root, 'user-a', 1)))
    expect(answers.filter((one) => one.status === 201)).toHaveLength(3)
  })

  test('refuses to pass the watermark of the disk', async () => {
    const { root } = await setup({ limits: { minFreeBytes: Number.MAX_SAFE_INTEGER } })
    const answer = await create(root, 'user-a', 1)
    expect([answer.status, reasonOf(answer.body)]).toEqual([507, 'DISK_FULL'])
  })
})

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
    expect([answer.status, reasonOf(answer.body)]).toEqual([409, 'OFFSET_MISMATCH'])
    expect((await head(url)).headers['upload-offset']).toBe('5')
  })

  test('refuses more bytes than announced, told or not', async () => {
    const { root } = await setup()
    const url = await begin(root, 'user-a', 3)
    const told = await append(url, 'user-a', 0, Buffer.from('abcd'))
    expect([told.status, reasonOf(told.body)]).toEqual([413, 'UPLOAD_TOO_LONG'])
    const untold = await append(url, 'user-a', 0, Buffer.from('abcd'), {
      'Transfer-Encoding': 'chunked',
    })
    expect([untold.status, reasonOf(untold.body)]).toEqual([413, 'UPLOAD_TOO_LONG'])
    expect((await append(url, 'user-a', 0, Buffer.from('abc'))).status).toBe(204)
  })

  test('refuses a body of another type with 415', async () => {
    const { root } = await setup()
    const url = await begin(root, 'user-a', 3)
    const more = { 'Content-Type': 'text/plain' }
    const answer = await append(url, 'user-a', 0, Buffer.from('abc'), more)
    expect([answer.status, reasonOf(answer.body)]).toEqual([415, 'BODY_TYPE'])
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
    const rest = await append(url, 'user-a', 1_234_567, bytes.subarray(1_234_567))
    const file = store.files.find(String(rest.headers['parley-file-id']))
    expect(file?.variants[0]?.sizeBytes).toBe(bytes.length)
  })

  test('lets one writer at a time in and answers 423 to the second', async () => {
    const { root } = await setup()
    const url = await begin(root, 'user-a', 1_000)
    const first = openBody(url)
    first.write(Buffer.alloc(10))
    const second = await eventually(async () => {
      const answer = await append(url, 'user-a', 0, Buffer.alloc(0))
      return answer.status === 423 && answer
    })
    expect(reasonOf(second.body)).toBe('UPLOAD_BUSY')
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
      return answer.status === 503 && answer
    })
    expect([reasonOf(refused.body), refused.headers['retry-after']]).toEqual(['BUSY', '2'])
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
    expect([wrong.status, reasonOf(wrong.body)]).toEqual([460, 'CHECKSUM_MISMATCH'])
    expect((await head(url)).headers['upload-offset']).toBe('5')
    const right = await append(url, 'user-a', 5, Buffer.from('56789'), sum('sha1', '56789'))
    const file = store.files.find(String(right.headers['parley-file-id']))
    expect(file?.variants[0]?.digest).toBe(digestBytes(Buffer.from('0123456789')))
  })

  test('takes nothing of a checksummed body that broke off', async () => {
    const { root, store } = await setup()
    const url = await begin(root, 'user-a', 1_000)
    const body = openBody(url, sum('sha1', 'whatever'))
    body.write(Buffer.alloc(500))
    await eventually(() => store.uploads.usage().unfinishedUploads === 1)
    body.destroy()
    await eventually(async () => {
      expect((await append(url, 'user-a', 0, Buffer.alloc(1_000))).status).toBe(204)
    })
  })

  test('refuses an algorithm it does not know with 400', async () => {
    const { root } = await setup()
    const url = await begin(root, 'user-a', 5)
    const more = { 'Upload-Checksum': 'crc32 AAAAAA==' }
    const answer = await append(url, 'user-a', 0, Buffer.from('hello'), more)
    expect([answer.status, reasonOf(answer.body)]).toEqual([400, 'CHECKSUM_UNKNOWN'])
  })
})

describe('ending', () => {
  test('forgets a removed upload and its bytes', async () => {
    const { root, folder } = await setup()
    const url = await begin(root, 'user-a', 10)
    await append(url, 'user-a', 0, Buffer.from('01234'))
    expect((await send('DELETE', url, tusHeaders('user-a'))).status).toBe(204)
    expect((await head(url)).status).toBe(404)
    expect(await readdir(path.join(folder, 'parts'))).toEqual([])
  })

  test('refuses for good what finishing will not have, and forgets it', async () => {
    const finish = () => {
      throw new AppError('unprocessable', 'NOT_AN_IMAGE', 'this is no image')
    }
    const { root, folder } = await setup({ finish })
    const url = await begin(root, 'user-a', 5)
    const answer = await append(url, 'user-a', 0, Buffer.from('hello'))
    expect([answer.status, reasonOf(answer.body)]).toEqual([422, 'NOT_AN_IMAGE'])
    expect((await head(url)).status).toBe(404)
    expect(await readdir(path.join(folder, 'parts'))).toEqual([])
  })

  test('tries again at the next question when finishing failed for now', async () => {
    let attempts = 0
    const { root } = await setup({
      finish: async ({ path: file, digest, sizeBytes }, blobs) => {
        attempts += 1
        if (attempts === 1) throw new AppError('unavailable', 'BUSY', 'later')
        await blobs.put(file, digest)
        return { facts: {}, variants: [{ variant: 'full', digest, sizeBytes, type: 'x/y' }] }
      },
    })
    const url = await begin(root, 'user-a', 5)
    expect((await append(url, 'user-a', 0, Buffer.from('hello'))).status).toBe(503)
    const asked = await head(url)
    expect([asked.status, asked.headers['upload-offset']]).toEqual([200, '5'])
    expect(asked.headers['parley-file-id']).toBeDefined()
  })

  test('hides what went wrong inside', async () => {
    const finish = () => {
      throw new Error('secret path /var/lib')
    }
    const { root } = await setup({ finish })
    const url = await begin(root, 'user-a', 5)
    const answer = await append(url, 'user-a', 0, Buffer.from('hello'))
    expect(answer.status).toBe(500)
    expect(answer.body.toString()).toBe(
      '{"error":{"reason":"INTERNAL","message":"internal error"}}\n',
    )
  })
})

describe('others', () => {
  test.each(['HEAD', 'GET', 'PATCH', 'DELETE'])(
    'find at %s of an upload of somebody else what they find where there is none',
    async (method) => {
      const { root } = await setup()
      const url = await begin(root, 'user-a', 5)
      const headers = tusHeaders('user-b', { 'Upload-Offset': 0, ...bytesType })
      const denied = await send(method, url, headers)
      const missing = await send(method, `${root}/uploads/${'a'.repeat(32)}`, headers)
      expect(denied.status).toBe(404)
      expect(comparable(denied)).toEqual(comparable(missing))
      expect((await head(url)).status).toBe(200)
    },
  )

  test.each([
    ['POST', '/uploads'],
    ['HEAD', `/uploads/${'a'.repeat(32)}`],
    ['GET', `/uploads/${'a'.repeat(32)}`],
    ['PATCH', `/uploads/${'a'.repeat(32)}`],
    ['DELETE', `/uploads/${'a'.repeat(32)}`],
  ])('without a good token get 401 at %s %s', async (method, place) => {
    const { root } = await setup()
    expect((await send(method, root + place, { 'Tus-Resumable': '1.0.0' })).status).toBe(401)
    expect((await send(method, root + place, tusHeaders('stranger'))).status).toBe(401)
  })
})

describe('discovery', () => {
  test('says which extensions are spoken, to anybody', async () => {
    const { root } = await setup()
    const answer = await send('OPTIONS', `${root}/uploads`)
    expect(answer.status).toBe(204)
    expect(answer.headers).toMatchObject({
      'tus-version': '1.0.0',
      'tus-extension': 'creation,creation-with-upload,termination,checksum,expiration',
      'tus-checksum-algorithm': 'sha1,sha256',
      'tus-max-size': String(2 ** 31),
    })
  })

  test('gives the metadata back as it came', async () => {
    const { root } = await setup()
    const metadata = 'filename Li4vLi4vZXRjL3Bhc3N3ZA==,secret'
    const headers = tusHeaders('user-a', { 'Upload-Length': 10, 'Upload-Metadata': metadata })
    const { headers: made } = await send('POST', `${root}/uploads`, headers)
    const asked = await head(`${root}${made.location ?? ''}`)
    expect(asked.headers).toMatchObject({
      'upload-metadata': metadata,
      'upload-length': '10',
      'cache-control': 'no-store',
    })
  })

  test('answers 405 with what is allowed', async () => {
    const { root } = await setup()
    const answer = await send('PUT', `${root}/uploads`)
    expect([answer.status, answer.headers.allow]).toEqual([405, 'OPTIONS, POST'])
  })
})

async function setup(options: WorldOptions = {}) {
  const folder = await tempFolder()
  const world = await openWorld(folder, options)
  onTestFinished(() => world.close())
  return { ...world, folder }
}

function create(root: string, user: string, sizeBytes: number) {
  return send('POST', `${root}/uploads`, tusHeaders(user, { 'Upload-Length': sizeBytes }))
}

function head(url: string) {
  return send('HEAD', url, tusHeaders('user-a'))
}

function reasonOf(body: Buffer): string {
  return (JSON.parse(body.toString()) as { error: { reason: string } }).error.reason
}

function comparable(answer: Awaited<ReturnType<typeof send>>) {
  const { date: _date, ...headers } = answer.headers
  return { status: answer.status, headers, body: answer.body.toString() }
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
