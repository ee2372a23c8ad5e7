import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFile, stat, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { idBytes } from '@parley/client'
import { chat } from '@parley/proto'
import { eventually } from '@parley/testkit'
import sharp from 'sharp'
import { Upload } from 'tus-js-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { befriend, makeGroup } from '../harness/person.ts'
import type { Person } from '../harness/person.ts'
import { Tus } from '../harness/tus.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { UploadDoor } from '../torture/uploads/upload-door.ts'

const run = promisify(execFile)
const mebibyte = 1 << 20

let world: World
let ann: Person
let bob: Person
let group: string
/** Before the file server and the image server: every upload is held here once. */
let doors: Readonly<Record<Kind, UploadDoor>>
const cutShare = 0.9

type Kind = 'file' | 'image'
const members = { file: 'file-server', image: 'img-server' } as const

beforeAll(async () => {
  const plan = (sizeBytes: number) => [Math.floor(sizeBytes * cutShare)]
  doors = { file: await UploadDoor.start(plan), image: await UploadDoor.start(plan) }
  world = await startWorld({
    services: ['relay', 'file-server', 'img-server'],
    nats: { url: 'memory:' },
    env: { FILES_PUBLIC: doors.file.url, IMAGES_PUBLIC: doors.image.url },
  })
  doors.file.lead(`127.0.0.1:${world.cluster.ports.files}`)
  doors.image.lead(`127.0.0.1:${world.cluster.ports.images}`)
  ann = await world.person('ann')
  bob = await world.person('bob')
  await befriend(ann, bob)
  group = await makeGroup(ann, [bob])
})

afterAll(async () => {
  await world?.stop()
  await Promise.all([doors?.file.close(), doors?.image.close()])
})

/** An upload by tus-js-client through the kill of its server in the middle; answers its receipt. */
async function uploadThroughKill(kind: Kind, bytes: Buffer): Promise<string> {
  const resumedAt: number[] = []
  const uploading = new Promise<string>((resolve, reject) => {
    const upload = new Upload(bytes, {
      endpoint: `${doors[kind].url}/uploads`,
      headers: { Authorization: `Bearer ${ann.login().accessToken}` },
      metadata: { filename: 'thing.bin' },
      retryDelays: Array.from({ length: 40 }, () => 250),
      onAfterResponse: (request, response) => {
        if (request.getMethod() !== 'HEAD') return
        resumedAt.push(Number(response.getHeader('Upload-Offset') ?? 0))
      },
      onError: reject,
      onSuccess: ({ lastResponse }) => resolve(lastResponse.getHeader('Parley-Receipt') ?? ''),
    })
    upload.start()
  })
  await eventually(() => doors[kind].held === 1, { timeoutMs: 30_000 })
  await someDurable(kind)
  await world.kill(members[kind])
  doors[kind].cut()
  await world.cluster.start(members[kind])
  const receipt = await uploading
  expect(resumedAt.at(-1)).toBeGreaterThan(0)
  return receipt
}

/** Waits until some bytes of the upload under way are on disk for certain. */
async function someDurable(kind: Kind): Promise<void> {
  const location = [...doors[kind].tallies.keys()].at(-1) ?? ''
  const tus = new Tus(doors[kind].url, ann.login().accessToken)
  const look = async () =>
    Number((await tus.request('HEAD', location)).headers.get('upload-offset'))
  await eventually(async () => (await look()) > 0, { timeoutMs: 60_000 })
}

/** Sends what was uploaded, and answers where it is and a ticket for it. */
async function send(kind: Kind, receipt: string) {
  const claims = claimsOf(receipt)
  const common = {
    name: 'thing.bin',
    size: claims.size,
    digest: Buffer.from(claims.digest, 'hex'),
    mediaType: claims.type,
  }
  const content = chat.Content.fromPartial({
    content:
      kind === 'file'
        ? { $case: 'file', value: { ...common, fileId: claims.id } }
        : { $case: 'image', value: { ...common, imageId: claims.id, ...measuresOf(claims) } },
  })
  const client = ann.connect({ transient: true })
  const sent = await client.send({ conversationId: group }, content, { receipt })
  if (sent.state !== 'accepted') throw new Error('not accepted')
  return sent.seq
}

interface Claims {
  readonly id: string
  readonly size: number
  readonly digest: string
  readonly type: string
  readonly w?: number
  readonly h?: number
  readonly th?: string
}

function claimsOf(receipt: string): Claims {
  const [, middle = ''] = receipt.split('.')
  return JSON.parse(Buffer.from(middle, 'base64url').toString()) as Claims
}

function measuresOf({ w, h, th }: Claims) {
  return { width: w ?? 0, height: h ?? 0, thumbhash: Buffer.from(th ?? '', 'base64url') }
}

/** Runs curl as a reader; answers its exit code and what it wrote. */
async function curl(kind: Kind, seq: number, target: string, ...args: readonly string[]) {
  const place = { conversationId: idBytes(group), seq }
  const { ticket, url } = await bob.calls.attachments.createTicket(place)
  const full = kind === 'image' ? `${url.replace(/\/(thumb|preview|full)$/, '')}/full` : url
  const given = ['-sS', '--fail', '-H', `Authorization: Bearer ${ticket}`, '-o', target]
  const code = await run('curl', [...given, ...args, full]).then(
    () => 0,
    (error: { code?: number }) => error.code ?? -1,
  )
  return { code, bytes: await readFile(target) }
}

describe('a file', () => {
  let bytes: Buffer
  let seq: number

  beforeAll(async () => {
    bytes = randomBytes(24 * mebibyte)
    seq = await send('file', await uploadThroughKill('file', bytes))
  })

  test('uploaded by tus-js-client through a kill of the server is read whole by curl', async () => {
    const { code, bytes: got } = await curl('file', seq, path.join(world.folder, 'whole'))
    expect([code, got.equals(bytes)]).toEqual([0, true])
  })

  test.each([
    ['100-199', 100, 200],
    ['25000000-', 25_000_000, 24 * mebibyte],
    ['-77', 24 * mebibyte - 77, 24 * mebibyte],
  ])('is read by curl in the range %s', async (range, start, end) => {
    const target = path.join(world.folder, `range ${range}`)
    const { code, bytes: got } = await curl('file', seq, target, '-r', range)
    expect([code, got.equals(bytes.subarray(start, end))]).toEqual([0, true])
  })

  test('is read by curl on a connection that it closes', async () => {
    const target = path.join(world.folder, 'closed')
    const { code, bytes: got } = await curl('file', seq, target, '-H', 'Connection: close')
    expect([code, got.equals(bytes)]).toEqual([0, true])
  })

  test('is gone on with by curl after the server was killed in the middle', async () => {
    const target = path.join(world.folder, 'resumed')
    const first = curl('file', seq, target, '--limit-rate', '8M')
    await eventually(async () => (await stat(target)).size > 2 * mebibyte, { timeoutMs: 30_000 })
    await world.kill('file-server')
    const broken = await first
    expect([18, 52, 55, 56]).toContain(broken.code)
    expect(broken.bytes.length).toBeLessThan(bytes.length)
    await world.cluster.start('file-server')
    await readyAgain('file', seq)
    const { code, bytes: got } = await curl('file', seq, target, '-C', '-')
    expect([code, got.equals(bytes)]).toEqual([0, true])
  })

  test('is uploaded by curl alone', async () => {
    const source = path.join(world.folder, 'by curl')
    await writeFile(source, bytes.subarray(0, 3 * mebibyte))
    const root = `http://127.0.0.1:${world.cluster.ports.files}`
    const tus = ['-sS', '--fail', '-D', '-', '-H', 'Tus-Resumable: 1.0.0']
    const token = ['-H', `Authorization: Bearer ${ann.login().accessToken}`]
    const length = ['-H', `Upload-Length: ${3 * mebibyte}`]
    const begun = await run('curl', [...tus, ...token, '-X', 'POST', ...length, `${root}/uploads`])
    const location = /^location: (\S+)/im.exec(begun.stdout)?.[1] ?? ''
    const patch = ['-X', 'PATCH', '-H', 'Upload-Offset: 0', '--data-binary', `@${source}`]
    const type = ['-H', 'Content-Type: application/offset+octet-stream']
    const done = await run('curl', [...tus, ...token, ...patch, ...type, `${root}${location}`])
    const receipt = /^parley-receipt: (\S+)/im.exec(done.stdout)?.[1] ?? ''
    const target = path.join(world.folder, 'by curl, read')
    const { bytes: got } = await curl('file', await send('file', receipt), target)
    expect(got.equals(bytes.subarray(0, 3 * mebibyte))).toBe(true)
  })
})

test('an image uploaded by tus-js-client through a kill of the server is read by curl, also in two halves', async () => {
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const
  const create = { width: 200, height: 140, channels: 3, noise, background: '#000' } as const
  const small = await sharp({ create }).png().toBuffer()
  // Many bytes that are soon made into an image.
  const bytes = await sharp(small).resize(2_000, 1_400).png({ compressionLevel: 0 }).toBuffer()
  const seq = await send('image', await uploadThroughKill('image', bytes))
  const target = path.join(world.folder, 'image')
  const whole = await curl('image', seq, target)
  expect(whole.code).toBe(0)
  expect(await sharp(whole.bytes).metadata()).toMatchObject({ width: 2_000, height: 1_400 })
  await truncate(target, Math.floor(whole.bytes.length / 2))
  await world.kill('img-server')
  await world.cluster.start('img-server')
  await readyAgain('image', seq)
  const rest = await curl('image', seq, target, '-C', '-')
  expect([rest.code, rest.bytes.equals(whole.bytes)]).toEqual([0, true])
})

/** Waits for a server that has just been started to have the relay's keys. */
async function readyAgain(kind: Kind, seq: number): Promise<void> {
  const target = path.join(world.folder, 'ready')
  const isReady = async () => (await curl(kind, seq, target, '-r', '0-0')).code === 0
  await eventually(isReady, { timeoutMs: 60_000, everyMs: 100 })
}
