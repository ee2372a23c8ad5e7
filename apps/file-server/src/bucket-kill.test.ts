import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { digestBytes } from '@parley/blob-store'
import { eventually, startFakeS3, tempFolder } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { ask } from './testing/http.ts'
import { kill, startProcess } from './testing/process.ts'
import { alice, bob, serveRelayKeys } from './testing/relay.ts'
import { worldEnv } from './testing/world.ts'

const mebibyte = 1 << 20
// Each starts several processes, on a machine that may have other work.
const patient = { timeout: 120_000 }

test(
  'after a kill while a blob goes into the bucket the upload goes on, and leaves no litter',
  patient,
  async () => {
    const { s3, start, relay, token } = await setup()
    const first = await start('one')
    const bytes = randomBytes(18 * mebibyte)
    s3.fail({ on: 'PUT?parts', does: { kind: 'mute' } })
    const begun = await ask('POST', `${first.root}/uploads`, token, {
      'Upload-Length': `${bytes.length}`,
    })
    const place = begun.headers['location'] ?? ''
    const sending = ask('PATCH', first.root + place, token, patch, bytes).catch(() => undefined)
    await eventually(() => s3.requests.some((each) => each.startsWith('PUT blobs/')), {
      timeoutMs: 60_000,
    })
    expect(s3.openUploads()).toBe(1)
    await kill(first.process)
    await sending
    const { root } = await start('one')
    expect(s3.openUploads()).toBe(0)
    const id = await goOn(root + place, token, bytes)
    const { body } = await ask('GET', `${root}/files/${id}`, await relay.ticket(bob, id))
    expect(digestBytes(body)).toBe(digestBytes(bytes))
  },
)

test('a kill between the row of a file and its record hides it from nobody', patient, async () => {
  const { s3, start, relay, token } = await setup()
  const [first, other] = [await start('one'), await start('two')]
  s3.fail({ on: 'PUT', keys: 'files/', does: { kind: 'mute' } })
  const bytes = randomBytes(1_000)
  const begun = await ask('POST', `${first.root}/uploads`, token, { 'Upload-Length': '1000' })
  const place = begun.headers['location'] ?? ''
  const sending = ask('PATCH', first.root + place, token, patch, bytes).catch(() => undefined)
  await eventually(() => s3.requests.some((each) => each.startsWith('PUT files/')), {
    timeoutMs: 60_000,
  })
  await kill(first.process)
  expect(await sending).toBeUndefined()
  const { root } = await start('one')
  const id = await goOn(root + place, token, bytes)
  const { body } = await ask('GET', `${other.root}/files/${id}`, await relay.ticket(bob, id))
  expect(body.equals(bytes)).toBe(true)
})

test('a server stops within seconds while the bucket does not answer', patient, async () => {
  const { s3, start, token } = await setup()
  const { root, process: child } = await start('one')
  s3.fail({ on: 'PUT', times: 9, does: { kind: 'mute' } })
  const begun = await ask('POST', `${root}/uploads`, token, { 'Upload-Length': '3' })
  const place = root + (begun.headers['location'] ?? '')
  const sending = ask('PATCH', place, token, patch, Buffer.from('abc')).catch(() => undefined)
  await eventually(() => s3.requests.some((each) => each.startsWith('PUT blobs/')), {
    timeoutMs: 60_000,
  })
  child.kill('SIGTERM')
  await eventually(() => child.exitCode !== null, { timeoutMs: 60_000 })
  expect(child.exitCode).toBe(0)
  await sending
})

const patch = { 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' }

// What a client does: asks where the upload stands, and sends the rest if there is any.
async function goOn(url: string, token: string, bytes: Buffer<ArrayBuffer>): Promise<string> {
  const { headers } = await ask('HEAD', url, token)
  const { 'parley-file-id': id, 'upload-offset': offset = '0' } = headers
  if (id !== undefined) return id
  expect(bytes.length - Number(offset)).toBeLessThanOrEqual(8 * mebibyte)
  const rest = bytes.subarray(Number(offset))
  const answer = await ask('PATCH', url, token, { ...patch, 'Upload-Offset': offset }, rest)
  return answer.headers['parley-file-id'] ?? ''
}

async function setup() {
  const folder = await tempFolder()
  const s3 = await startFakeS3()
  onTestFinished(() => s3.close())
  const { relay, address } = await serveRelayKeys(folder)
  const start = (name: string) => {
    const place = { DATA_DIR: path.join(folder, name), S3_URL: s3.url }
    return startProcess(worldEnv(folder, { RELAY_INTERNAL: address, ...place }))
  }
  return { s3, start, relay, token: await relay.access(alice) }
}
