import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { digestBytes } from '@parley/blob-store'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { alice, bob, openRelay, relayOf } from './testing/relay.ts'
import { ask, upload } from './testing/http.ts'
import { startWorld } from './testing/world.ts'
import { fileServerRoutes } from './routes.ts'
import type { FileServerContext } from './context.ts'

let folder: string
let world: Awaited<ReturnType<typeof startWorld>>
let tokens: Record<Actor, string | undefined>
// A finished file and an unfinished upload, both Alice's.
let fileId: string
let otherFileId: string
let uploadId: string

const actors = [
  'nobody',
  'garbage',
  'stranger’s key',
  'expired access',
  'expired ticket',
  'tampered access',
  'tampered ticket',
  'chat access',
  'images ticket',
  'ticket of another file',
  'other user',
  'ticket holder',
  'owner',
] as const
type Actor = (typeof actors)[number]

const absent = 'a'.repeat(32)

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'access-'))
  world = await startWorld(folder, { POSSESSION_ANSWER_MS: '60' })
  const { relay, root } = world
  const access = await relay.access(alice)
  fileId = (await upload(root, access, Buffer.from('secret'))).id
  otherFileId = (await upload(root, access, Buffer.from('other'))).id
  const begun = await ask('POST', `${root}/uploads`, access, { 'Upload-Length': '9' })
  uploadId = begun.headers['location']?.split('/').at(-1) ?? ''
  const past = await relayOf(folder, 3_600_000)
  const strangerFolder = path.join(folder, 'stranger')
  await mkdir(strangerFolder)
  const stranger = await openRelay(strangerFolder)
  const ticket = await relay.ticket(bob, fileId)
  tokens = {
    nobody: undefined,
    garbage: 'a.b.c',
    'stranger’s key': await stranger.access(alice),
    'expired access': await past.access(alice),
    'expired ticket': await past.ticket(bob, fileId),
    'tampered access': tamper(access),
    'tampered ticket': tamper(ticket),
    'chat access': await relay.access(alice, ['chat', 'images']),
    'images ticket': await relay.ticket(bob, fileId, 'images'),
    'ticket of another file': await relay.ticket(bob, otherFileId),
    'other user': await relay.access(bob),
    'ticket holder': ticket,
    owner: access,
  }
})

afterAll(async () => {
  await world.server.close()
  await rm(folder, { recursive: true, force: true })
})

const unproven: Actor[] = actors.filter(
  (actor) => !['ticket of another file', 'other user', 'ticket holder', 'owner'].includes(actor),
)

/** What each actor gets at each route; a route without a row fails below. */
const matrix: Record<string, Partial<Record<Actor, number>>> = {
  'GET /files/:id': downloads(200),
  'HEAD /files/:id': downloads(200),
  'POST /possessions': uploads({ owner: 201, 'other user': 201 }),
  'POST /possessions/:id': uploads({ owner: 404, 'other user': 404 }),
  'POST /uploads': uploads({ owner: 201, 'other user': 201 }),
  'HEAD /uploads/:id': uploads({ owner: 200, 'other user': 404 }),
  'GET /uploads/:id': uploads({ owner: 200, 'other user': 404 }),
  'PATCH /uploads/:id': uploads({ owner: 204, 'other user': 404 }),
  'DELETE /uploads/:id': uploads({ owner: 204, 'other user': 404 }),
  'GET /healthz': everybody(200),
  'OPTIONS /uploads': everybody(204),
  'OPTIONS /uploads/:id': everybody(204),
}

test('every route has a row', () => {
  const routes = fileServerRoutes({
    store: {},
    limits: {},
  } as unknown as FileServerContext)
  const names = routes.map((route) => `${route.method} ${route.path}`)
  expect(Object.keys(matrix).toSorted()).toEqual(names.toSorted())
})

const cells = Object.entries(matrix)
  .filter(([route]) => !route.startsWith('DELETE'))
  .flatMap(([route, row]) => actors.map((actor) => ({ route, actor, status: row[actor] })))

describe('the matrix', () => {
  test.each(cells)('$route by $actor is $status', async ({ route, actor, status }) => {
    expect((await call(route, actor)).status).toBe(status)
  })

  test.each(cells.filter(({ status }) => status === 401 || status === 404))(
    '$route by $actor tells nothing of what is there',
    async ({ route, actor }) => {
      const there = await call(route, actor)
      const nowhere = await call(route, actor, absent)
      expect(comparable(there)).toEqual(comparable(nowhere))
    },
  )

  test.each(unproven.concat('other user'))('DELETE by %s removes nothing', async (actor) => {
    const answer = await call('DELETE /uploads/:id', actor)
    expect(answer.status).toBe(actor === 'other user' ? 404 : 401)
    expect((await call('HEAD /uploads/:id', 'owner')).status).toBe(200)
  })

  test('DELETE by the owner removes the upload', async () => {
    const { root, relay } = world
    const access = await relay.access(alice)
    const begun = await ask('POST', `${root}/uploads`, access, { 'Upload-Length': '9' })
    const url = `${root}${begun.headers['location'] ?? ''}`
    expect((await ask('DELETE', url, access)).status).toBe(204)
    expect((await ask('HEAD', url, access)).status).toBe(404)
  })
})

test('a token in the URL opens nothing', async () => {
  const url = `${world.root}/files/${fileId}?token=${tokens['ticket holder'] ?? ''}`
  expect((await ask('GET', url)).status).toBe(401)
})

test('an owner needs a ticket like everybody else', async () => {
  expect((await ask('GET', `${world.root}/files/${fileId}`, tokens.owner)).status).toBe(401)
})

test.each([
  '/files/..%2f..%2fsigning-key.json',
  '/files/%00',
  '/filecache/uploads.sqlite',
  '/%2e%2e/',
])('there is nothing at %s', async (place) => {
  expect((await ask('GET', world.root + place, tokens['ticket holder'])).status).toBe(404)
})

function call(route: string, actor: Actor, id?: string) {
  const [method = '', pattern = ''] = route.split(' ')
  const own = pattern.startsWith('/uploads') ? uploadId : fileId
  const url = world.root + pattern.replace(':id', id ?? own)
  // No bytes: the owner's upload must look the same to every row.
  const headers = {
    'Upload-Length': '0',
    'Upload-Offset': '0',
    'Content-Type': 'application/offset+octet-stream',
  }
  return ask(method, url, tokens[actor], headers, bodies[route])
}

// A proof opens nothing but its own challenge, which a test of its own shows.
const bodies: Record<string, Buffer<ArrayBuffer>> = {
  'POST /possessions': json({ digest: digestBytes(Buffer.from('secret')), sizeBytes: 6 }),
  'POST /possessions/:id': json({ proof: '0'.repeat(64) }),
}

function json(body: unknown): Buffer<ArrayBuffer> {
  return Buffer.from(JSON.stringify(body))
}

function comparable({ status, headers, body }: Awaited<ReturnType<typeof ask>>) {
  const { date: _date, ...rest } = headers
  return { status, headers: rest, body: body.toString() }
}

function tamper(token: string): string {
  const [head = '', claims = '', signature = ''] = token.split('.')
  const said = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>
  const other = Buffer.from(JSON.stringify({ ...said, sub: bob, iat: 1 })).toString('base64url')
  return [head, other, signature].join('.')
}

function everybody(status: number) {
  return Object.fromEntries(actors.map((actor) => [actor, status]))
}

function downloads(status: number): Partial<Record<Actor, number>> {
  return { ...everybody(401), 'ticket of another file': 404, 'ticket holder': status }
}

function uploads(row: Partial<Record<Actor, number>>): Partial<Record<Actor, number>> {
  return { ...everybody(401), ...row }
}
