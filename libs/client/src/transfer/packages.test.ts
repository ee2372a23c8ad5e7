import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { digestOf } from '../testing/scripted-blobs.ts'
import { partOf, transferWorld } from '../testing/transfer-world.ts'
import { quickScheduler } from '../testing/world.ts'
import { downloadPackage, uploadPackage } from './packages.ts'

async function setup(bytes = randomBytes(600_000)) {
  const world = await transferWorld()
  const { relay, blobs, client, state, folder } = world
  blobs.files.set('/files/p1', bytes)
  relay.answers.set('createTicket', ({ fileId }: { fileId: string }) => ({
    ticket: `for ${fileId}`,
    expiresAtMs: 0,
    url: `${blobs.url}/files/${fileId}`,
  }))
  const target = join(folder, 'package')
  const options = { servers: [relay.address], state, scheduler: quickScheduler() }
  const facts = { fileId: 'p1', sizeBytes: bytes.length, digest: digestOf(bytes) }
  const fetched = (change: Partial<typeof facts> = {}) =>
    downloadPackage(options, client.calls, { ...facts, ...change }, target)
  return { ...world, bytes, target, fetched }
}

describe('a package', () => {
  test('comes with tickets for its file, and goes on where it was broken off', async () => {
    const { blobs, bytes, target, fetched } = await setup()
    blobs.script.cutDownloads = [200_000]
    await fetched()
    expect((await readFile(target)).equals(bytes)).toBe(true)
    const gets = blobs.requests.filter(({ line }) => line.startsWith('GET'))
    expect(gets.map(({ token }) => token)).toEqual(['Bearer for p1', 'Bearer for p1'])
    expect(gets[1]?.range).not.toBe('')
  })

  test('of another size than was signed is not fetched at all', async () => {
    const { target, fetched } = await setup()
    const refused = fetched({ sizeBytes: 599_999 })
    await expect(refused).rejects.toMatchObject({ kind: 'corrupt', reason: 'SIZE_MISMATCH' })
    expect([existsSync(target), existsSync(partOf(target))]).toEqual([false, false])
  })

  test('of other bytes than were signed is not kept', async () => {
    const { target, fetched } = await setup()
    const refused = fetched({ digest: 'ab'.repeat(32) })
    await expect(refused).rejects.toMatchObject({ kind: 'corrupt', reason: 'DIGEST_MISMATCH' })
    expect([existsSync(target), existsSync(partOf(target))]).toEqual([false, false])
  })
})

test('an operator uploads with the tokens that it is given, and goes on after an interruption', async () => {
  const { blobs, local } = await transferWorld()
  const bytes = randomBytes(900_000)
  await writeFile(local, bytes)
  blobs.script.claims = { id: 'g'.repeat(32) }
  blobs.script.cutUploads = [300_000]
  let tokens = 0
  const access = () => Promise.resolve(`operator ${(tokens += 1)}`)
  const to = { filesUrl: blobs.url, access, path: local, allowPlaintext: false }
  const { content, receipt } = await uploadPackage(to)
  expect(receipt).not.toBe('')
  expect(content.content).toMatchObject({ $case: 'file', value: { fileId: 'g'.repeat(32) } })
  expect([...blobs.uploads.values()].map((one) => one.bytes.equals(bytes))).toContain(true)
  expect(new Set(blobs.requests.map(({ token }) => token)).size).toBe(blobs.requests.length)
})
