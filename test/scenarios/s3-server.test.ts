import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { S3BlobStore, digestBytes, openBucket, parseS3Url } from '@parley/blob-store'
import type { Bucket } from '@parley/blob-store'
import { createLogger, systemScheduler } from '@parley/service-kit'
import { tempFolder } from '@parley/testkit'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { loadConfig, startFileServer } from '../../apps/file-server/src/index.ts'
import { ask, upload } from '../../apps/file-server/src/testing/http.ts'
import { alice, bob, openRelay } from '../../apps/file-server/src/testing/relay.ts'
import { worldEnv } from '../../apps/file-server/src/testing/world.ts'
import { blobStoreContract } from '../../libs/blob-store/src/blob-store.contract.ts'
import { startSwift, swiftIsMissing } from '../harness/swift/start-swift.ts'
import type { Swift } from '../harness/swift/start-swift.ts'

const mebibyte = 1 << 20
const missing = swiftIsMissing()
if (missing !== undefined) {
  process.stderr.write(`SKIPPED: blobs in a real S3-compatible server: ${missing}\n`)
}

describe.skipIf(missing !== undefined)('blobs in OpenStack Swift, through its S3 API', () => {
  let folder: string
  let swift: Swift
  let bucket: Bucket
  let names = 0
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'parley-swift-'))
    swift = await startSwift(folder)
    bucket = await openTestBucket(swift.url)
  })
  afterAll(async () => {
    bucket?.close()
    await swift?.close()
    await rm(folder, { recursive: true, force: true })
  })
  const freshStore = () => {
    names += 1
    return new S3BlobStore(bucket, `server${names}`, systemScheduler)
  }

  blobStoreContract(async () => freshStore())

  test('a large blob goes up in parts and comes down byte for byte, in ranges as well', async () => {
    const store = freshStore()
    const bytes = randomBytes(12 * mebibyte)
    const digest = await put(store, bytes)
    const blob = await store.open(digest)
    expect(digestBytes(await buffer(blob!.stream(0, bytes.length)))).toBe(digest)
    const [start, end] = [5 * mebibyte - 3, 10 * mebibyte + 5]
    expect((await buffer(blob!.stream(start, end))).equals(bytes.subarray(start, end))).toBe(true)
    await blob!.close()
    expect(await store.removeLitter()).toBe(0)
  })

  test('an upload that was broken off leaves no parts', async () => {
    const own = await openTestBucket(swift.url)
    const store = new S3BlobStore(own, 'broken', systemScheduler)
    const putting = put(store, randomBytes(64 * mebibyte))
    const failing = putting.catch((error: unknown) => error)
    own.close()
    expect(await failing).toMatchObject({ kind: expect.stringMatching(/cancelled|unavailable/) })
    const after = new S3BlobStore(bucket, 'broken', systemScheduler)
    await after.removeLitter()
    expect(await after.removeLitter()).toBe(0)
    expect(await Array.fromAsync(after.list())).toEqual([])
  })

  test('who has another secret is not let in', async () => {
    const wrong = await openTestBucket(swift.url.replace(':testing@', ':guessing@'))
    onTestFinished(() => wrong.close())
    await expect(wrong.check()).rejects.toMatchObject({ reason: 'BUCKET_REFUSED' })
  })

  test('two file servers share it: what one is given the other serves, also when the first is gone', async () => {
    const folder = await tempFolder()
    const relay = await openRelay(folder)
    const start = async (name: string) => {
      const env = worldEnv(folder, { DATA_DIR: path.join(folder, name), S3_URL: swift.url })
      const log = createLogger('file-server', 'silent')
      const server = await startFileServer(loadConfig(env), { log, relayKeys: relay.keys })
      onTestFinished(() => server.close())
      return { server, root: `http://${server.addresses['public'] ?? ''}` }
    }
    const [one, two] = [await start('one'), await start('two')]
    const bytes = randomBytes(20 * mebibyte)
    const { id } = await upload(one.root, await relay.access(alice), bytes)
    await one.server.close()
    const whole = await ask('GET', `${two.root}/files/${id}`, await relay.ticket(bob, id))
    expect(digestBytes(whole.body)).toBe(digestBytes(bytes))
    const range = { Range: 'bytes=16777210-16777219' }
    const some = await ask('GET', `${two.root}/files/${id}`, await relay.ticket(bob, id), range)
    expect(some.body.equals(bytes.subarray(16_777_210, 16_777_220))).toBe(true)
  })
})

async function openTestBucket(url: string): Promise<Bucket> {
  const location = parseS3Url(url)
  if (typeof location === 'string') throw new Error(location)
  return openBucket(location, systemScheduler, 5 * mebibyte)
}

async function put(store: S3BlobStore, bytes: Uint8Array): Promise<string> {
  const file = path.join(await tempFolder(), 'incoming')
  await writeFile(file, bytes)
  const digest = digestBytes(bytes)
  await store.put(file, digest)
  return digest
}
