import { FakeScheduler, tempFolder } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { creationRate } from '../limits.ts'
import { begin, bytesType, head, reasonOf, send, tusHeaders } from '../testing/http-client.ts'
import { openWorld } from '../testing/world.ts'
import type { WorldOptions } from '../testing/world.ts'

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
    expect(reasonOf(answer)).toBe(reason)
  })

  test('bounds the unfinished uploads and the bytes of one user, not of others', async () => {
    const { root } = await setup({ limits: { maxUserUploads: 2, maxUserBytes: 100 } })
    await begin(root, 'user-a', 40)
    const tooBig = await create(root, 'user-a', 61)
    expect([tooBig.status, reasonOf(tooBig)]).toEqual([507, 'QUOTA_EXCEEDED'])
    await begin(root, 'user-a', 60)
    const tooMany = await create(root, 'user-a', 0)
    expect([tooMany.status, reasonOf(tooMany)]).toEqual([429, 'TOO_MANY_UPLOADS'])
    expect(tooMany.headers['retry-after']).toBe('60')
    await begin(root, 'user-b', 100)
  })

  test('keeps the bounds when many uploads begin at once', async () => {
    const { root } = await setup({ limits: { maxUserUploads: 3 } })
    const answers = await Promise.all(Array.from({ length: 12 }, () => create(root, 'user-a', 1)))
    expect(answers.filter((one) => one.status === 201)).toHaveLength(3)
  })

  test('bounds the files of one user, for an empty one takes room in the index, too', async () => {
    const { root } = await setup({ limits: { maxUserFiles: 2 } })
    for (const user of ['user-a', 'user-a', 'user-b']) {
      expect((await create(root, user, 0)).status).toBe(201)
    }
    const over = await create(root, 'user-a', 0)
    expect([over.status, reasonOf(over)]).toEqual([507, 'QUOTA_EXCEEDED'])
  })

  test('bounds how often one user begins, even what is taken back at once', async () => {
    const { store } = await setup({ scheduler: new FakeScheduler() })
    const create = (owner: string) => store.uploads.create(owner, { sizeBytes: 1 })
    for (let i = 0; i < creationRate.burst; i += 1) {
      await store.uploads.remove((await create('user-a')).id, 'user-a')
    }
    const refusal = { kind: 'rate-limited', reason: 'RATE_LIMITED' }
    await expect(create('user-a')).rejects.toMatchObject(refusal)
    await create('user-b')
  })

  test('refuses to pass the watermark of the disk', async () => {
    const { root } = await setup({ limits: { minFreeBytes: Number.MAX_SAFE_INTEGER } })
    const answer = await create(root, 'user-a', 1)
    expect([answer.status, reasonOf(answer)]).toEqual([507, 'DISK_FULL'])
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
