import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { digestBytes } from '@parley/blob-store'
import { keyMetadata, openClient, serviceKeyHeader } from '@parley/grpc-kit'
import { common } from '@parley/proto'
import { createLogger } from '@parley/service-kit'
import { eventually, startFakeS3, tempFolder } from '@parley/testkit'
import type { FakeS3 } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { loadConfig } from './config.ts'
import type { FileServerConfig } from './config.ts'
import { startFileServer } from './file-server.ts'
import { ask, upload } from './testing/http.ts'
import { challenge, postPossession, proofOf } from './testing/possession.ts'
import { alice, bob, openRelay } from './testing/relay.ts'
import { internalKey, startWorld, worldEnv } from './testing/world.ts'

const slowDown = { kind: 'refuse', status: 503, code: 'SlowDown' } as const

describe('two servers of one bucket', () => {
  test('serve what the other was given, whole and in ranges, under its name and type', async () => {
    const { start, relay, token } = await setup()
    const [one, two] = [await start('one'), await start('two')]
    const bytes = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(1_000_000)])
    const { id } = await upload(one.root, token, bytes, 'report.pdf')
    const whole = await ask('GET', `${two.root}/files/${id}`, await relay.ticket(bob, id))
    expect(Buffer.compare(whole.body, bytes)).toBe(0)
    expect(whole.headers).toMatchObject({
      etag: `"${digestBytes(bytes)}"`,
      'content-type': 'application/pdf',
    })
    expect(whole.headers['content-disposition']).toContain('report.pdf')
    const range = { Range: 'bytes=500000-500009' }
    const some = await ask('GET', `${two.root}/files/${id}`, await relay.ticket(bob, id), range)
    expect(some.status).toBe(206)
    expect(some.body.equals(bytes.subarray(500_000, 500_010))).toBe(true)
  })

  test('go on serving when one of them is gone', async () => {
    const { start, relay, token } = await setup()
    const [one, two] = [await start('one'), await start('two')]
    const { id } = await upload(one.root, token, Buffer.from('left behind'))
    await one.server.close()
    const answer = await ask('GET', `${two.root}/files/${id}`, await relay.ticket(bob, id))
    expect(answer.body.toString()).toBe('left behind')
  })

  test('collect their own files alone, also of the same bytes', async () => {
    const { s3, start, relay, token } = await setup()
    const two = await start('two')
    const bytes = Buffer.from('the same at both')
    const kept = await upload(two.root, token, bytes)
    const one = await start('one', { collectEveryMs: 30, unheldLifeMs: 0 })
    const gone = await upload(one.root, token, bytes)
    await one.tellAll()
    await eventually(() => s3.objects.size === 2)
    expect([...s3.objects.keys()].toSorted()).toEqual([
      expect.stringMatching(new RegExp(`^blobs/.*/${digestBytes(bytes)}$`)),
      `files/${kept.id}`,
    ])
    for (const { root } of [one, two]) {
      const answer = await ask('GET', `${root}/files/${kept.id}`, await relay.ticket(bob, kept.id))
      expect(answer.body.toString()).toBe('the same at both')
      const lost = await ask('GET', `${root}/files/${gone.id}`, await relay.ticket(bob, gone.id))
      expect([lost.status, JSON.parse(lost.body.toString())]).toMatchObject([
        404,
        { error: { reason: 'NOT_FOUND' } },
      ])
    }
  })

  test('give what one has to whoever proves to have it, and both serve it', async () => {
    const { start, relay, token } = await setup()
    const patient = { POSSESSION_ANSWER_MS: '20000' }
    const [one, two] = [await start('one', {}, patient), await start('two')]
    const bytes = randomBytes(1_000_000)
    await upload(one.root, await relay.access(bob), bytes)
    const asked = await challenge(one.root, token, bytes)
    const proof = proofOf(bytes, asked)
    const answer = await postPossession(one.root, token, `/${asked.id}`, { proof })
    expect(answer.status).toBe(201)
    const { 'parley-file-id': id = '' } = answer.headers
    const down = await ask('GET', `${two.root}/files/${id}`, await relay.ticket(bob, id))
    expect(Buffer.compare(down.body, bytes)).toBe(0)
  })

  test('say of a file that no server has what they say without a bucket', async () => {
    const { start, relay } = await setup()
    const id = 'a'.repeat(32)
    const plain = await startWorld(await tempFolder())
    onTestFinished(() => plain.server.close())
    const { root } = await start('one')
    const there = await ask('GET', `${root}/files/${id}`, await relay.ticket(bob, id))
    const here = await ask('GET', `${plain.root}/files/${id}`, await plain.relay.ticket(bob, id))
    expect([there.status, there.body.toString()]).toEqual([here.status, here.body.toString()])
  })
})

describe('a bucket that fails', () => {
  test('leaves an upload complete, to be finished at the next question', async () => {
    const { s3, start, relay, token } = await setup()
    const { root } = await start('one')
    const bytes = randomBytes(100_000)
    s3.fail({ on: 'PUT', keys: 'blobs/', times: 3, does: slowDown })
    const first = await post(root, token, bytes)
    expect([first.status, first.headers['retry-after']]).toEqual([503, '5'])
    const place = root + (first.headers['location'] ?? '')
    const answer = await ask('HEAD', place, token)
    const id = answer.headers['parley-file-id'] ?? ''
    const { body } = await ask('GET', `${root}/files/${id}`, await relay.ticket(bob, id))
    expect(body.equals(bytes)).toBe(true)
  })

  test('gives no receipt of a file that no other server can find yet', async () => {
    const { s3, start, relay, token } = await setup()
    const [one, two] = [await start('one'), await start('two')]
    s3.fail({ on: 'PUT', keys: 'files/', times: 3, does: slowDown })
    const first = await post(one.root, token, Buffer.from('hello'))
    expect(first.status).toBe(503)
    expect(first.headers['parley-receipt']).toBeUndefined()
    const place = one.root + (first.headers['location'] ?? '')
    const { 'parley-file-id': id = '' } = (await ask('HEAD', place, token)).headers
    const answer = await ask('GET', `${two.root}/files/${id}`, await relay.ticket(bob, id))
    expect(answer.body.toString()).toBe('hello')
  })

  test('is unavailable to readers, for a while, and degrades the health', async () => {
    const { s3, start, relay, token } = await setup()
    const { root } = await start('one')
    const { id } = await upload(root, token, Buffer.from('hello'))
    s3.fail({ on: 'HEAD', times: 100, does: slowDown })
    const answer = await ask('GET', `${root}/files/${id}`, await relay.ticket(bob, id))
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5'])
    const health = JSON.parse((await ask('GET', `${root}/healthz`)).body.toString()) as object
    expect(health).toMatchObject({ status: 'degraded', checks: { index: 'ok' } })
    s3.recover()
    const again = await ask('GET', `${root}/files/${id}`, await relay.ticket(bob, id))
    expect(again.body.toString()).toBe('hello')
  })

  test('may be away when a server starts', async () => {
    const { s3, start, token } = await setup()
    s3.fail({ on: 'HEAD', times: 3, does: slowDown })
    const { root } = await start('one')
    expect((await upload(root, token, Buffer.from('x'))).id).not.toBe('')
  })
})

describe('starting', () => {
  test('refuses a bucket that does not let it in', async () => {
    const { s3, start } = await setup()
    const wrong = { S3_URL: s3.url.replace('fake-secret', 'other') }
    await expect(start('one', {}, wrong)).rejects.toMatchObject({ reason: 'BUCKET_REFUSED' })
  })

  test('refuses to leave files behind on the disk, or in the bucket', async () => {
    const { start, token } = await setup()
    const one = await start('one')
    await upload(one.root, token, Buffer.from('in the bucket'))
    await one.server.close()
    const changed = { kind: 'precondition', reason: 'STORAGE_CHANGED' }
    await expect(start('one', {}, { S3_URL: '' })).rejects.toMatchObject(changed)
    const two = await start('two', {}, { S3_URL: '' })
    await upload(two.root, token, Buffer.from('on the disk'))
    await two.server.close()
    await expect(start('two')).rejects.toMatchObject(changed)
  })

  test('names a bad S3_URL without repeating it', () => {
    const config = () => loadConfig({ S3_URL: 's3://key:SECRET@host/Bad' })
    expect(config).toThrow('S3_URL: must name a bucket')
    expect(config).not.toThrow('SECRET')
  })

  test('keeps the name of a server’s blobs in its folder, for its owner only', async () => {
    const { s3, folder, start, token } = await setup()
    const one = await start('one')
    expect((await stat(path.join(folder, 'one/server-id'))).mode & 0o777).toBe(0o600)
    await upload(one.root, token, Buffer.from('x'))
    await one.server.close()
    const again = await start('one')
    await upload(again.root, token, Buffer.from('y'))
    const names = [...s3.objects.keys()].filter((key) => key.startsWith('blobs/'))
    expect(new Set(names.map((key) => key.split('/')[1])).size).toBe(1)
  })
})

async function setup() {
  const folder = await tempFolder()
  const s3: FakeS3 = await startFakeS3()
  onTestFinished(() => s3.close())
  const relay = await openRelay(folder)
  const start = async (
    name: string,
    limits: { collectEveryMs?: number; unheldLifeMs?: number } = {},
    more: Record<string, string> = {},
  ) => {
    const place = { DATA_DIR: path.join(folder, name), S3_URL: s3.url }
    const config = withLimits(loadConfig(worldEnv(folder, { ...place, ...more })), limits)
    const log = createLogger('file-server', 'silent')
    const server = await startFileServer(config, { log, relayKeys: relay.keys })
    onTestFinished(() => server.close())
    // As a relay does whose holds have all been told.
    const tellAll = async () => {
      const metadata = keyMetadata(serviceKeyHeader, internalKey)
      const holds = openClient(common.HoldsClient, server.addresses['internal'] ?? '', { metadata })
      await holds.call.apply({ changes: [], complete: true }).finally(() => holds.close())
    }
    return { server, root: `http://${server.addresses['public'] ?? ''}`, tellAll }
  }
  return { folder, s3, relay, start, token: await relay.access(alice) }
}

// Shorter than an operator may set them.
function withLimits(
  config: FileServerConfig,
  limits: { collectEveryMs?: number; unheldLifeMs?: number },
): FileServerConfig {
  const { collectEveryMs = config.collectEveryMs, unheldLifeMs = config.limits.unheldLifeMs } =
    limits
  return { ...config, collectEveryMs, limits: { ...config.limits, unheldLifeMs } }
}

function post(root: string, token: string, bytes: Uint8Array<ArrayBuffer>) {
  const type = { 'Content-Type': 'application/offset+octet-stream' }
  const length = { 'Upload-Length': String(bytes.length) }
  return ask('POST', `${root}/uploads`, token, { ...type, ...length }, bytes)
}
