import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask } from './testing/http.ts'
import { postPossession, reasonOf } from './testing/possession.ts'
import { alice } from './testing/relay.ts'
import { startWorld } from './testing/world.ts'

let folder: string
let world: Awaited<ReturnType<typeof startWorld>>
let token: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'possession-'))
  world = await startWorld(folder)
  token = await world.relay.access(alice)
})

afterAll(async () => {
  await world.server.close()
  await rm(folder, { recursive: true, force: true })
})

const digest = '0'.repeat(64)

test.each<[string, string | Buffer<ArrayBuffer>]>([
  ['nothing', ''],
  ['no JSON', '{"digest":'],
  ['no UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
  ['null', 'null'],
  ['a list', '[]'],
  ['a number', '7'],
  ['no digest', '{"sizeBytes":1}'],
  ['a digest in capitals', JSON.stringify({ digest: 'A'.repeat(64), sizeBytes: 1 })],
  ['a path as digest', JSON.stringify({ digest: '../../signing-key.json', sizeBytes: 1 })],
  ['a digest that is a list', JSON.stringify({ digest: [digest], sizeBytes: 1 })],
  ['no size', JSON.stringify({ digest })],
  ['a size of nothing', JSON.stringify({ digest, sizeBytes: 0 })],
  ['a negative size', JSON.stringify({ digest, sizeBytes: -1 })],
  ['a broken size', JSON.stringify({ digest, sizeBytes: 1.5 })],
  ['an endless size', `{"digest":"${digest}","sizeBytes":1e400}`],
  ['a size as text', JSON.stringify({ digest, sizeBytes: '1' })],
  ['a name that is a number', JSON.stringify({ digest, sizeBytes: 1, name: 1 })],
  ['a name of 1,025 bytes', JSON.stringify({ digest, sizeBytes: 1, name: 'x'.repeat(1_025) })],
  ['half a character as name', `{"digest":"${digest}","sizeBytes":1,"name":"\\ud800"}`],
  ['more than 8 KiB', JSON.stringify({ digest, sizeBytes: 1, more: 'x'.repeat(10_000) })],
  ['brackets without end', '['.repeat(8_000)],
])('a body of %s is refused with a reason', async (_what, text) => {
  for (const place of ['', `/${'a'.repeat(32)}`]) {
    const url = `${world.root}/possessions${place}`
    const answer = await ask('POST', url, token, {}, Buffer.from(text))
    expect([answer.status, reasonOf(answer)]).toEqual([400, 'REQUEST_MALFORMED'])
  }
})

test.each(['', 'x', '0'.repeat(63), '0'.repeat(65), 'G'.repeat(64), 0, null, ['0'.repeat(64)]])(
  'a proof that is none is refused with a reason: %j',
  async (proof) => {
    const answer = await postPossession(world.root, token, `/${'a'.repeat(32)}`, { proof })
    expect([answer.status, reasonOf(answer)]).toEqual([400, 'REQUEST_MALFORMED'])
  },
)

test('bodies of chance are refused or answered, and break nothing', async () => {
  const good = JSON.stringify({ digest, sizeBytes: 1_000_000, name: 'x' })
  for (let round = 0; round < 150; round += 1) {
    const body = Buffer.from(good)
    const edits = randomBytes(1 + (round % 4) * 2)
    for (const [index, byte] of edits.entries()) body[(byte * 7 + index) % body.length] = byte
    const answer = await ask('POST', `${world.root}/possessions`, token, {}, body)
    expect([201, 400, 413, 429, 507]).toContain(answer.status)
  }
  expect((await ask('GET', `${world.root}/healthz`)).status).toBe(200)
})
