import { createHash, randomBytes } from 'node:crypto'
import { tempFolder } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { Upload } from 'tus-js-client'
import { ask } from './testing/http.ts'
import { alice, bob } from './testing/relay.ts'
import { startWorld } from './testing/world.ts'

const mebibyte = 1 << 20

test.each([
  [{}, 'one request after the creation'],
  [{ chunkSize: 3 * mebibyte }, 'several requests'],
  [{ chunkSize: 3 * mebibyte, uploadDataDuringCreation: true }, 'bytes with the creation'],
])('tus-js-client as published uploads with %j: %s', async (options, _note) => {
  const { root, token, download } = await setup()
  const bytes = randomBytes(20 * mebibyte)
  const { fileId, progress } = await run(root, token, bytes, options)
  expect(progress.at(-1)).toBe(bytes.length)
  expect(sha(await download(fileId))).toBe(sha(bytes))
})

test('tus-js-client resumes an upload that it had stopped', async () => {
  const { root, token, download } = await setup()
  const bytes = randomBytes(12 * mebibyte)
  const url = await stopAfterFirstChunk(root, token, bytes)
  const { fileId, progress } = await run(root, token, bytes, { uploadUrl: url })
  expect(progress[0]).toBeGreaterThanOrEqual(mebibyte)
  expect(sha(await download(fileId))).toBe(sha(bytes))
})

test('tus-js-client ends an upload', async () => {
  const { root, token } = await setup()
  const url = await stopAfterFirstChunk(root, token, randomBytes(4 * mebibyte))
  await Upload.terminate(url, { headers: bearer(token), retryDelays: [50, 100, 200] })
  expect((await ask('HEAD', url, token)).status).toBe(404)
})

test('tus-js-client is told why an upload is refused', async () => {
  const { root, token } = await setup()
  const refused = run(root, token, randomBytes(10), { uploadSize: 3 * 2 ** 30 })
  await expect(refused).rejects.toThrow(/413.*UPLOAD_TOO_LARGE/s)
})

type Options = ConstructorParameters<typeof Upload>[1]

function run(root: string, token: string, bytes: Buffer, options: Options) {
  const progress: number[] = []
  return new Promise<{ fileId: string; progress: number[] }>((resolve, reject) => {
    const upload = new Upload(bytes, {
      endpoint: `${root}/uploads`,
      headers: bearer(token),
      metadata: { filename: '照片.bin' },
      retryDelays: [],
      onProgress: (sent) => void progress.push(sent),
      onError: reject,
      onSuccess: ({ lastResponse }) => {
        resolve({ fileId: lastResponse.getHeader('Parley-File-Id') ?? '', progress })
      },
      ...options,
    })
    upload.start()
  })
}

function stopAfterFirstChunk(root: string, token: string, bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const upload = new Upload(bytes, {
      endpoint: `${root}/uploads`,
      headers: bearer(token),
      chunkSize: mebibyte,
      retryDelays: [],
      onError: reject,
      onChunkComplete: () => void upload.abort().then(() => resolve(upload.url ?? ''), reject),
    })
    upload.start()
  })
}

async function setup() {
  const { root, relay, server } = await startWorld(await tempFolder())
  onTestFinished(() => server.close())
  const download = async (id: string) =>
    (await ask('GET', `${root}/files/${id}`, await relay.ticket(bob, id))).body
  return { root, token: await relay.access(alice), download }
}

function bearer(token: string) {
  return { Authorization: `Bearer ${token}` }
}

function sha(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
