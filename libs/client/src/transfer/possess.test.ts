import { Blake3Hasher } from '@napi-rs/blake-hash'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { digestOf } from '../testing/scripted-blobs.ts'
import type { ScriptedAnswer } from '../testing/scripted-blobs.ts'
import { linesOf, transferWorld } from '../testing/transfer-world.ts'

const id = 'c'.repeat(32)
const nonce = '5a'.repeat(32)
const ranges = [
  { start: 0, end: 10 },
  { start: 500, end: 900 },
  { start: 299_999, end: 300_000 },
]

/** A file of 300,000 bytes, and a server that has it. */
async function setup(sizeBytes = 300_000) {
  const world = await transferWorld()
  const bytes = randomBytes(sizeBytes)
  await writeFile(world.local, bytes)
  const asked: [string, unknown][] = []
  const answers = {
    challenge: (): ScriptedAnswer => ({ status: 201, body: { id, nonce, ranges } }),
    proof: (): ScriptedAnswer => ({
      status: 201,
      headers: { 'Parley-Receipt': receiptOf(bytes) },
    }),
  }
  world.blobs.script.possession = (path, body) => {
    asked.push([path, body])
    return path === '/possessions' ? answers.challenge() : answers.proof()
  }
  return { ...world, bytes, asked, answers }
}

function receiptOf(bytes: Buffer): string {
  const claims = { id: 'f'.repeat(32), size: bytes.length, digest: digestOf(bytes), type: 'a/b' }
  return `x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`
}

function proofOf(bytes: Buffer): string {
  const context = 'parley 2026-11 proof of possession'
  const key = Blake3Hasher.deriveKey(context, Buffer.from(nonce, 'hex'))
  const hasher = Blake3Hasher.newKeyed(key)
  for (const { start, end } of ranges) hasher.update(bytes.subarray(start, end))
  return hasher.digestBuffer().toString('hex')
}

test('a file that the server has is proved and not sent', async () => {
  const { client, blobs, local, bytes, asked } = await setup()
  const { content, receipt, instant } = await client.uploadFile(local)
  expect(instant).toBe(true)
  expect(receipt).toBe(receiptOf(bytes))
  expect(content.content).toMatchObject({
    $case: 'file',
    value: { name: 'notes.txt', size: 300_000, digest: Buffer.from(digestOf(bytes), 'hex') },
  })
  expect(asked).toEqual([
    ['/possessions', { digest: digestOf(bytes), sizeBytes: 300_000, name: 'notes.txt' }],
    [`/possessions/${id}`, { proof: proofOf(bytes) }],
  ])
  expect(blobs.requests).toEqual([])
})

test('a proof whose answer got lost is sent once more', async () => {
  const { client, local, asked, answers } = await setup()
  const { proof } = answers
  answers.proof = () => (asked.length === 2 ? { status: 0 } : proof())
  expect((await client.uploadFile(local)).instant).toBe(true)
  expect(asked).toHaveLength(3)
  expect(asked[2]).toEqual(asked[1])
})

test.each<[string, Partial<Awaited<ReturnType<typeof setup>>['answers']>]>([
  ['knows nothing of proofs', { challenge: () => ({ status: 404 }) }],
  ['asks nothing that makes sense', { challenge: () => ({ status: 201, body: {} }) }],
  [
    'asks for bytes behind the end',
    {
      challenge: () => ({ status: 201, body: { id, nonce, ranges: [{ start: 0, end: 300_001 }] } }),
    },
  ],
  ['refuses the question', { challenge: () => ({ status: 429 }) }],
  ['cannot answer the question', { challenge: () => ({ status: 0 }) }],
  ['refuses the proof', { proof: () => ({ status: 404 }) }],
  ['is busy', { proof: () => ({ status: 503 }) }],
  ['gives no receipt', { proof: () => ({ status: 201 }) }],
  [
    'gives the receipt of another file',
    { proof: () => ({ status: 201, headers: { 'Parley-Receipt': receiptOf(Buffer.from('x')) } }) },
  ],
])('a file is uploaded to a server that %s', async (_what, answers) => {
  const world = await setup()
  Object.assign(world.answers, answers)
  expect(await world.client.uploadFile(world.local)).toMatchObject({ instant: false })
  const [upload] = world.blobs.uploads.values()
  expect(upload?.bytes.equals(world.bytes)).toBe(true)
})

test('a small file is uploaded without asking', async () => {
  const { client, local, asked } = await setup(65_535)
  expect((await client.uploadFile(local)).instant).toBe(false)
  expect(asked).toEqual([])
})

test('an image is uploaded without asking', async () => {
  const { client, local, asked } = await setup()
  await client.uploadImage(local)
  expect(asked).toEqual([])
})

test('an upload that has begun goes on without asking', async () => {
  const { client, blobs, local, asked, answers } = await setup()
  answers.challenge = () => ({ status: 404 })
  const stop = new AbortController()
  blobs.script.cutUploads = [100_000]
  blobs.script.beforePatch = () => stop.abort()
  const cut = client.uploadFile(local, { signal: stop.signal })
  await expect(cut).rejects.toMatchObject({ reason: 'CANCELLED' })
  expect(asked).toHaveLength(1)
  await client.uploadFile(local)
  expect(asked).toHaveLength(1)
  expect(linesOf(blobs, 'POST')).toBe(1)
})

test('asking can be cancelled', async () => {
  const { client, blobs, local, answers } = await setup()
  const stop = new AbortController()
  const { challenge } = answers
  answers.challenge = () => {
    stop.abort()
    return challenge()
  }
  const asking = client.uploadFile(local, { signal: stop.signal })
  await expect(asking).rejects.toMatchObject({ kind: 'cancelled', reason: 'CANCELLED' })
  expect(blobs.requests).toEqual([])
})
