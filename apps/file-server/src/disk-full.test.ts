import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Env } from '@parley/service-kit'
import { tempFolder } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { ask, upload } from './testing/http.ts'
import { alice, bob } from './testing/relay.ts'
import { startWorld } from './testing/world.ts'

const run = promisify(execFile)
const mebibyte = 1 << 20
const mayMount = process.getuid?.() === 0

test.runIf(mayMount)(
  'a disk that fills up stops an upload and loses none of its bytes',
  async () => {
    const { root, relay, token, folder, url, bytes } = await beginUpload()
    const kept = await upload(root, token, Buffer.from('kept'))
    await fillDisk(folder)
    const full = await patch(url, token, 0, bytes)
    expect(full.status).toBe(507)
    expect(JSON.parse(full.body.toString())).toMatchObject({ error: { reason: 'DISK_FULL' } })
    const answer = await ask('GET', `${root}/files/${kept.id}`, await relay.ticket(bob, kept.id))
    expect(answer.body.toString()).toBe('kept')
    const offset = Number((await ask('HEAD', url, token)).headers['upload-offset'])
    await rm(path.join(folder, 'other'))
    const rest = await patch(url, token, offset, bytes.subarray(offset))
    const id = rest.headers['parley-file-id'] ?? ''
    const whole = await ask('GET', `${root}/files/${id}`, await relay.ticket(bob, id))
    expect(Buffer.compare(whole.body, bytes)).toBe(0)
  },
)

test.runIf(mayMount)('an upload can be removed to make room on a full disk', async () => {
  const { root, token, folder, url, bytes } = await beginUpload()
  await fillDisk(folder)
  expect((await patch(url, token, 0, bytes)).status).toBe(507)
  expect((await ask('DELETE', url, token)).status).toBe(204)
  await upload(root, token, randomBytes(mebibyte))
})

test.runIf(mayMount)('the watermark refuses an upload before the disk is full', async () => {
  const { root, token } = await setup({ MIN_FREE_BYTES: String(8 * mebibyte) })
  const headers = { 'Upload-Length': String(12 * mebibyte) }
  const refused = await ask('POST', `${root}/uploads`, token, headers)
  expect(refused.status).toBe(507)
  await upload(root, token, randomBytes(mebibyte))
})

async function beginUpload() {
  const world = await setup()
  const bytes = randomBytes(8 * mebibyte)
  const headers = { 'Upload-Length': `${bytes.length}` }
  const begun = await ask('POST', `${world.root}/uploads`, world.token, headers)
  return { ...world, bytes, url: `${world.root}${begun.headers['location'] ?? ''}` }
}

// Somebody else takes most of the space that was there when the upload began.
function fillDisk(folder: string): Promise<void> {
  return writeFile(path.join(folder, 'other'), Buffer.alloc(10 * mebibyte))
}

async function setup(more: Env = {}) {
  const folder = await tempFolder()
  await run('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder])
  onTestFinished(async () => {
    await run('umount', [folder])
  })
  const { root, relay, server } = await startWorld(folder, more)
  onTestFinished(() => server.close())
  return { root, relay, folder, token: await relay.access(alice) }
}

function patch(url: string, token: string, offset: number, bytes: Buffer<ArrayBuffer>) {
  const type = 'application/offset+octet-stream'
  const headers = { 'Upload-Offset': String(offset), 'Content-Type': type }
  return ask('PATCH', url, token, headers, bytes)
}
