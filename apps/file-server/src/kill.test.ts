import type { ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { eventually, seededRandom, tempFolder } from '@parley/testkit'
import { expect, test } from 'vitest'
import { ask, upload } from './testing/http.ts'
import { kill, startProcess } from './testing/process.ts'
import { alice, bob, serveRelayKeys } from './testing/relay.ts'
import { worldEnv } from './testing/world.ts'

const mebibyte = 1 << 20
const sizeBytes = 48 * mebibyte
// Servers are started as processes, on a machine that may be busy.
const patient = { timeout: 120_000 }

test(
  'an upload survives kill -9 of the server again and again, byte for byte',
  patient,
  async () => {
    const { start, relay, token } = await setup()
    const random = seededRandom(7)
    const bytes = randomBytes(sizeBytes)
    let { process: child, root } = await start()
    const begun = await ask('POST', `${root}/uploads`, token, { 'Upload-Length': `${sizeBytes}` })
    const place = begun.headers['location'] ?? ''
    let offset = 0
    for (let kills = 0; kills < 5; kills += 1) {
      const killAfterBytes = offset + Math.floor(random() * 11 * mebibyte)
      const sentBytes = await sendUntil(root + place, token, bytes, offset, killAfterBytes, child)
      ;({ process: child, root } = await start())
      const resumed = Number((await ask('HEAD', root + place, token)).headers['upload-offset'])
      // Never less than was told before, and what must be sent again is bounded.
      expect(resumed).toBeGreaterThanOrEqual(offset)
      expect(sentBytes - resumed).toBeLessThanOrEqual(8 * mebibyte)
      offset = resumed
    }
    const rest = await ask('PATCH', root + place, token, patch(offset), bytes.subarray(offset))
    const id = rest.headers['parley-file-id'] ?? ''
    const { body } = await ask('GET', `${root}/files/${id}`, await relay.ticket(bob, id))
    expect(sha(body)).toBe(sha(bytes))
  },
)

test(
  'what was answered as complete is there after a kill in the next moment',
  patient,
  async () => {
    const { start, relay, token } = await setup()
    let { process: child, root } = await start()
    for (let round = 0; round < 4; round += 1) {
      const bytes = randomBytes(300_000)
      const { id, url } = await upload(root, token, bytes)
      await kill(child)
      ;({ process: child, root } = await start())
      const { body } = await ask('GET', `${root}/files/${id}`, await relay.ticket(bob, id))
      expect(sha(body)).toBe(sha(bytes))
      const asked = await ask('HEAD', root + new URL(url).pathname, token)
      expect(asked.headers['parley-file-id']).toBe(id)
    }
  },
)

async function setup() {
  const folder = await tempFolder()
  const { relay, address } = await serveRelayKeys(folder)
  const env = worldEnv(folder, { RELAY_INTERNAL: address })
  return { start: () => startProcess(env), relay, token: await relay.access(alice) }
}

// Sends bytes from `offset` on, kills the server when so many have gone, and says how many that were.
async function sendUntil(
  url: string,
  token: string,
  bytes: Buffer,
  offset: number,
  killAfterBytes: number,
  child: ChildProcess,
): Promise<number> {
  const headers = { ...patch(offset), Authorization: `Bearer ${token}`, 'Tus-Resumable': '1.0.0' }
  const length = { 'Content-Length': bytes.length - offset }
  const call = request(url, { method: 'PATCH', agent: false, headers: { ...headers, ...length } })
  const broken = new Promise<void>((resolve) => call.once('error', () => resolve()))
  let at = offset
  while (at < killAfterBytes) {
    const chunk = bytes.subarray(at, Math.min(at + mebibyte, killAfterBytes))
    at += chunk.length
    call.write(chunk)
    // The sockets' buffers would take the whole upload; wait for the disk instead.
    await eventually(async () => {
      const { headers: stands } = await ask('HEAD', url, token)
      expect(Number(stands['upload-offset'])).toBeGreaterThanOrEqual(at - 5 * mebibyte)
    })
  }
  await kill(child)
  await broken
  return at
}

function patch(offset: number) {
  return { 'Upload-Offset': String(offset), 'Content-Type': 'application/offset+octet-stream' }
}

function sha(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
