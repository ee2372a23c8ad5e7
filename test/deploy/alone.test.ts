import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { issueAccessToken, issueTicket, openSigner } from '@parley/auth'
import type { Signer, TicketAudience } from '@parley/auth'
import { freePort, tempFolder } from '@parley/testkit'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { processesOf } from '../harness/processes.ts'
import { Tus } from '../harness/tus.ts'
import { openGrpcDoor } from '../matrix/grpc-door.ts'
import { installAlone } from './installed.ts'
import type { Installed } from './installed.ts'
import { LoneProcess } from './lone-process.ts'

const userId = randomUUID()
const ofBytes = ['auth', 'blob-store', 'errors', 'grpc-kit', 'proto', 'service-kit', 'uploads']
const ofChat = ['bus', 'errors', 'grpc-kit', 'proto', 'service-kit']

/** What each service takes along: libraries of this repository, and of others one that tells them apart. */
const services = {
  'file-server': { libs: ofBytes, has: 'file-type', hasNot: ['sharp', 'mysql2'] },
  'img-server': { libs: ofBytes, has: 'sharp', hasNot: ['file-type', 'mysql2'] },
  relay: {
    libs: ['auth', ...ofChat, 'upgrades', 'words'],
    has: 'mysql2',
    hasNot: ['sharp', 'file-type'],
  },
  presence: { libs: ofChat, has: '@nats-io/transport-node', hasNot: ['better-sqlite3', 'sharp'] },
} as const
type Service = keyof typeof services
const withBytes: readonly Service[] = ['file-server', 'img-server']

describe.each(Object.keys(services) as Service[])('a package of %s', (service) => {
  let installed: Installed
  let home: string

  beforeAll(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'parley-alone-'))
    installed = await installAlone(service, path.join(home, 'package'))
  })
  afterAll(() => rm(home, { recursive: true, force: true }))

  /** Starts it where nobody else is: no peer, no bus, no database, no environment but this. */
  async function start(): Promise<LoneProcess> {
    const nobody = `127.0.0.1:${await freePort()}`
    const { folder } = installed
    return new LoneProcess(service, folder, {
      PORT: '0',
      INTERNAL_PORT: '0',
      DATA_DIR: path.join(home, 'data'),
      RELAY_INTERNAL: nobody,
      FILES_INTERNAL: nobody,
      IMAGES_INTERNAL: nobody,
      PRESENCE_INTERNAL: nobody,
      NATS_URL: `nats://${nobody}`,
      MIN_FREE_BYTES: '0',
    })
  }

  test('has what the service needs, and nothing of the others or of tests', async () => {
    const { libs, has, hasNot } = services[service]
    const { folder, packages } = installed
    expect(await readdir(path.join(folder, 'apps'))).toEqual([service])
    expect((await readdir(path.join(folder, 'libs'))).toSorted()).toEqual(libs.toSorted())
    expect(packages).toContain(`node_modules/${has}`)
    const foreign = [...hasNot, 'vitest', 'typescript', 'nx', '@parley/testkit']
    expect(packages.filter((one) => foreign.some((n) => one === `node_modules/${n}`))).toEqual([])
    const files = await readdir(folder, { recursive: true })
    const own = files.filter((file) => !file.includes('node_modules'))
    expect(own.filter((file) => /\.test\.ts$|\/testing\//.test(file))).toEqual([])
  })

  test('starts where nobody else is, is healthy and stops', async () => {
    const lone = await start()
    const { internal = '' } = await lone.ready()
    const door = openGrpcDoor(internal)
    const health = await door.ask('/grpc.health.v1.Health/Check', Buffer.alloc(0))
    door.close()
    expect(health).toMatchObject({ code: 0, messages: ['0801'] })
    expect(await lone.stop()).toBe(0)
    expect(lone.stdout.trim().split('\n')).toHaveLength(1)
    expect(processesOf(home)).toEqual([])
  })

  test.each(withBytes.filter((one) => one === service))(
    '%s stores and serves for those whose tokens are signed by the key that it was given, before and after a restart',
    async () => {
      const signer = await openSigner({ issuer: 'relay', folder: await tempFolder() })
      await giveKey(path.join(home, 'data'), signer)
      const before = await start()
      const stored = await store(service, await rootOf(before), signer)
      expect(await before.stop()).toBe(0)
      const after = await start()
      await isServed(service, await rootOf(after), signer, stored)
      expect(await after.stop()).toBe(0)
      const said = [...before.complaints(), ...after.complaints()]
      expect(said).toEqual(['no signing keys yet', 'no signing keys yet'])
      expect(processesOf(home)).toEqual([])
    },
  )
})

/** As docs/operations.md says, for a server without a relay. */
async function giveKey(dataFolder: string, { jwks }: Signer): Promise<void> {
  await mkdir(dataFolder, { recursive: true, mode: 0o700 })
  await writeFile(path.join(dataFolder, 'relay-keys.json'), jwks, { mode: 0o600 })
}

async function rootOf(lone: LoneProcess): Promise<string> {
  return `http://${(await lone.ready())['public'] ?? ''}`
}

interface Stored {
  readonly id: string
  readonly bytes: Buffer
}

/** Uploads what the server is for; without a token, or by a key that it was not given, it takes nothing. */
async function store(service: string, root: string, signer: Signer): Promise<Stored> {
  expect(await (await fetch(`${root}/healthz`)).json()).toMatchObject({ status: 'ok' })
  const stranger = await openSigner({ issuer: 'relay', folder: await tempFolder() })
  expect(await new Tus(root, '').create(1)).toMatchObject({ status: 401, reason: 'TOKEN_MISSING' })
  // Whether a relay would know that key, nobody can say now.
  const unknown = await new Tus(root, await tokenOf(stranger)).create(1)
  expect(unknown).toMatchObject({ status: 503, reason: 'KEYS_UNAVAILABLE' })

  const isImage = service === 'img-server'
  const bytes = isImage ? await picture() : randomBytes(3_000_000)
  const { status, headers } = await new Tus(root, await tokenOf(signer)).upload(bytes, 'mine')
  const id = headers.get(isImage ? 'parley-image-id' : 'parley-file-id') ?? ''
  expect({ status, hasId: id !== '' }).toEqual({ status: 204, hasId: true })
  expect(headers.get('parley-receipt')).toBeTruthy()
  await isServed(service, root, signer, { id, bytes })
  return { id, bytes }
}

/** Whole and in part to who has a ticket for it, and to nobody else. */
async function isServed(service: string, root: string, signer: Signer, { id, bytes }: Stored) {
  const isImage = service === 'img-server'
  const url = isImage ? `${root}/images/${id}/full` : `${root}/files/${id}`
  const audience = isImage ? 'images' : 'files'
  const ticket = await ticketOf(signer, id, audience)
  const whole = await get(url, ticket)
  expect(whole.status).toBe(200)
  if (isImage) expect(await sharp(whole.body).metadata()).toMatchObject({ width: 600, height: 400 })
  else expect(whole.body.equals(bytes)).toBe(true)
  const part = await get(url, ticket, { Range: 'bytes=10-19' })
  expect(part.status).toBe(206)
  expect(part.body.equals(whole.body.subarray(10, 20))).toBe(true)
  const other = await ticketOf(signer, randomUUID(), audience)
  expect([(await get(url)).status, (await get(url, other)).status]).toEqual([401, 404])
}

async function get(url: string, token?: string, more: Record<string, string> = {}) {
  const bearer = token === undefined ? {} : { Authorization: `Bearer ${token}` }
  const answer = await fetch(url, { headers: { ...bearer, ...more } })
  return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) }
}

function picture(): Promise<Buffer> {
  const create = { width: 600, height: 400, channels: 3, background: '#a0522d' } as const
  return sharp({ create }).png().toBuffer()
}

async function tokenOf(signer: Signer): Promise<string> {
  const grant = { userId, deviceId: randomUUID(), loginId: randomUUID() }
  return (await issueAccessToken(signer, grant)).token
}

async function ticketOf(signer: Signer, blobId: string, audience: TicketAudience) {
  return (await issueTicket(signer, { userId, blobId }, audience)).token
}
