import { randomBytes } from 'node:crypto'
import diagnostics from 'node:diagnostics_channel'
import { readFile, writeFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import path from 'node:path'
import { digestBytes, keyedDigest } from '@parley/blob-store'
import { eventually } from '@parley/testkit'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { befriend } from '../harness/person.ts'
import type { Person } from '../harness/person.ts'
import { Tus } from '../harness/tus.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'

const bytes = randomBytes(5_000_000)

let world: World
let files: string
let ann: Person
let bob: Person
let mallory: Person
/** On Ann's disk, under another name than Bob's. */
let source: string
let bobsId: string | null

beforeAll(async () => {
  world = await startWorld({
    services: ['relay', 'file-server'],
    nats: { url: 'memory:' },
    // A machine under load may take long to read.
    env: { POSSESSION_ANSWER_MS: '2000' },
  })
  const names = ['ann', 'bob', 'mallory'] as const
  const people = await Promise.all(names.map((name) => world.person(name)))
  ;[ann, bob, mallory] = people as [Person, Person, Person]
  await befriend(ann, bob)
  files = `http://127.0.0.1:${world.cluster.ports.files}`
  // Until it has heard from the relay whose tokens are good.
  await eventually(async () => {
    const uploaded = await new Tus(files, tokenOf(bob)).upload(bytes, 'bobs.bin')
    expect(uploaded.status).toBe(204)
    bobsId = uploaded.headers.get('parley-file-id')
  })
  source = path.join(world.folder, 'anns.bin')
  await writeFile(source, bytes)
}, 60_000)

afterAll(() => world?.stop())

function tokenOf(person: Person): string {
  return person.login().accessToken
}

/** Counts what this process sends over connections that it opens from now on. */
function countSent(): () => number {
  const sockets: Socket[] = []
  const onSocket = (message: unknown) => void sockets.push((message as { socket: Socket }).socket)
  diagnostics.subscribe('net.client.socket', onSocket)
  onTestFinished(() => void diagnostics.unsubscribe('net.client.socket', onSocket))
  return () => sockets.reduce((sum, socket) => sum + socket.bytesWritten, 0)
}

test('a file that is there already is sent without its bytes, and read by whoever gets it', async () => {
  const client = ann.connect()
  await client.online()
  const sentBytes = countSent()
  const { content, receipt, instant } = await client.uploadFile(source)
  expect(instant).toBe(true)
  expect(sentBytes()).toBeGreaterThan(0)
  expect(sentBytes()).toBeLessThan(100_000)
  expect(content.content?.value).toMatchObject({ name: 'anns.bin', size: bytes.length })
  expect(content.content?.value).not.toMatchObject({ fileId: bobsId })
  const sent = await client.send({ userId: bob.userId }, content, { receipt })
  if (sent.state !== 'accepted') throw new Error('not accepted')
  const target = path.join(world.folder, 'target.bin')
  await bob.connect().download(sent, target)
  expect((await readFile(target)).equals(bytes)).toBe(true)

  const other = path.join(world.folder, 'other.bin')
  await writeFile(other, randomBytes(1_000_000))
  expect(await client.uploadFile(other)).toMatchObject({ instant: false })
  expect(sentBytes()).toBeGreaterThan(1_000_000)
})

test('to whoever knows of a file or has half of it, it is as if it were not there', async () => {
  const half = Buffer.from(bytes).fill(0, 2_500_000)
  const absent = randomBytes(5_000_000)
  const faces = [
    await refusal(bytes, Buffer.alloc(5_000_000)),
    await refusal(bytes, half),
    await refusal(absent, absent),
  ]
  expect(faces[0]).toMatchObject({ status: 404 })
  expect(faces).toEqual([faces[0], faces[0], faces[0]])

  /** What Mallory gets who claims one file and has the bytes of another. */
  async function refusal(claimed: Buffer, had: Buffer) {
    const digest = digestBytes(claimed)
    const asked = await post('', { digest, sizeBytes: claimed.length, name: 'x' })
    expect(asked.status).toBe(201)
    const { id, nonce, ranges } = (await asked.json()) as Challenge
    const answer = await post(`/${id}`, { proof: proofOf(had, nonce, ranges) })
    const { date: _date, ...headers } = Object.fromEntries(answer.headers)
    return { status: answer.status, headers, body: await answer.text() }
  }

  function post(place: string, body: unknown) {
    const headers = { Authorization: `Bearer ${tokenOf(mallory)}` }
    const init = { method: 'POST', headers, body: JSON.stringify(body) }
    return fetch(`${files}/possessions${place}`, init)
  }
})

test('parley send-file says that nothing had to be sent', async () => {
  const command = world.parley('ann')
  await command.login('ann')
  const sent = async (file: string) => {
    const { lines } = await command.must(['send-file', '@bob', file])
    // On a slow machine lines of progress come first.
    return lines.find(({ type }) => type === 'sent')
  }
  expect(await sent(source)).toMatchObject({ instant: true })
  const other = path.join(world.folder, 'other.bin')
  await writeFile(other, randomBytes(200_000))
  expect(await sent(other)).toMatchObject({ instant: false })
})

interface Challenge {
  readonly id: string
  readonly nonce: string
  readonly ranges: readonly { readonly start: number; readonly end: number }[]
}

function proofOf(had: Buffer, nonce: string, ranges: Challenge['ranges']): string {
  const context = 'parley 2026-11 proof of possession'
  const parts = ranges.map(({ start, end }) => had.subarray(start, end))
  return keyedDigest(context, Buffer.from(nonce, 'hex'), parts).toString('hex')
}
