import { createHash, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { idBytes } from '@parley/client'
import type { ChatClient } from '@parley/client'
import { eventually, seededRandom } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { randomRanges, rangesOf } from '../harness/byte-ranges.ts'
import { befriend, makeGroup } from '../harness/person.ts'
import type { Person } from '../harness/person.ts'
import { testWorld } from '../harness/world.ts'
import { startFaultProxy } from '../torture/proxy/index.ts'
import { UploadDoor } from '../torture/uploads/upload-door.ts'

const mebibyte = 1 << 20

/** Two people, and something between clients and the file server. */
async function setup(filesPublic: string, lead: (target: string) => void) {
  const world = await testWorld({
    services: ['relay', 'file-server'],
    nats: { url: 'memory:' },
    env: { FILES_PUBLIC: filesPublic },
  })
  lead(`127.0.0.1:${world.cluster.ports.files}`)
  const ann = await world.person('ann')
  const bob = await world.person('bob')
  await befriend(ann, bob)
  const group = await makeGroup(ann, [bob])
  const source = path.join(world.folder, 'source.bin')
  const target = path.join(world.folder, 'target.bin')
  return { world, ann, bob, group, source, target }
}

async function behindProxy() {
  const proxy = await startFaultProxy({ target: '127.0.0.1:1' })
  onTestFinished(() => proxy.close())
  const lead = (target: string) => proxy.retarget(target)
  return { ...(await setup(`http://${proxy.address}`, lead)), proxy }
}

async function behindDoor(cutsAt: readonly number[]) {
  const door = await UploadDoor.start(() => cutsAt)
  onTestFinished(() => door.close())
  return { ...(await setup(door.url, (target) => door.lead(target))), door }
}

async function sendFile(client: ChatClient, conversationId: string, file: string): Promise<number> {
  const { content, receipt } = await client.uploadFile(file)
  const sent = await client.send({ conversationId }, content, { receipt })
  if (sent.state !== 'accepted') throw new Error('not accepted')
  return sent.seq
}

async function ticketOf({ calls }: Person, conversationId: string, seq: number) {
  return calls.attachments.createTicket({ conversationId: idBytes(conversationId), seq })
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

test('random ranges of a download, single, open, from the end and several, are those of the source', async () => {
  const { ann, bob, group, source } = await behindProxy()
  const random = seededRandom(11)
  const bytes = randomBytes(3_000_017)
  await writeFile(source, bytes)
  const seq = await sendFile(ann.connect(), group, source)
  const { ticket, url } = await ticketOf(bob, group, seq)
  for (let nth = 0; nth < 300; nth += 1) {
    const { header, expected } = randomRanges(bytes.length, random)
    const headers = { Authorization: `Bearer ${ticket}`, Range: header }
    const got = await rangesOf(await fetch(url, { headers }))
    const wanted = expected.map(({ start, end }) => ({ start, bytes: bytes.subarray(start, end) }))
    const same = got.length === wanted.length && got.every((one, i) => isSame(one, wanted[i]))
    expect({ header, same }).toEqual({ header, same: true })
  }
})

interface Part {
  readonly start: number
  readonly bytes: Buffer
}

function isSame(one: Part, other: Part | undefined): boolean {
  return one.start === other?.start && one.bytes.equals(other.bytes)
}

test('a download that is cut again and again goes on where it was, and is verified', async () => {
  const { ann, bob, group, source, target, proxy } = await behindProxy()
  const bytes = randomBytes(24 * mebibyte)
  await writeFile(source, bytes)
  const seq = await sendFile(ann.connect(), group, source)
  proxy.set({ down: { resetAfterBytes: 5_000_000 } })
  const seen: number[] = []
  const done = await bob.connect().download({ conversationId: group, seq }, target, {
    progress: (now) => seen.push(now.doneBytes),
  })
  expect(done.bytes).toBe(bytes.length)
  expect(sha256(await readFile(target))).toBe(sha256(bytes))
  // Nothing that came was asked for again.
  expect(seen).toEqual(seen.toSorted((a, b) => a - b))
})

test('two writers of one upload: one advances at a time, and both have the same file in the end', async () => {
  const { ann, bob, group, source, target, door } = await behindDoor([30 * mebibyte])
  const bytes = randomBytes(40 * mebibyte)
  await writeFile(source, bytes)
  const [one, other] = [ann.connect({ transient: true }), ann.connect({ transient: true })]
  const first = one.uploadFile(source)
  await eventually(() => door.held === 1, { timeoutMs: 30_000 })
  const [tally] = door.tallies.values()
  const before = tally?.requests ?? 0
  const second = other.uploadFile(source)
  // It is refused while the first one stands there with its hands on the upload.
  await eventually(() => (tally?.requests ?? 0) > before, { timeoutMs: 30_000 })
  door.cut()
  const [{ content, receipt }, same] = await Promise.all([first, second])
  expect(same.content).toEqual(content)
  expect(door.tallies.size).toBe(1)
  const sent = await one.send({ conversationId: group }, content, { receipt })
  if (sent.state !== 'accepted') throw new Error('not accepted')
  await bob.connect().download({ conversationId: group, seq: sent.seq }, target)
  expect(sha256(await readFile(target))).toBe(sha256(bytes))
})
