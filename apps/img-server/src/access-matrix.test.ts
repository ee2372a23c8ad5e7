import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recordingLogger } from '@parley/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ImgServerContext } from './context.ts'
import { routesOf } from './routes/routes.ts'
import { scene } from './testing/pictures.ts'
import { begin, uploadImage } from './testing/requests.ts'
import { alice, bob, startTestServer, testRelay } from './testing/start-test-server.ts'
import type { TestServer } from './testing/start-test-server.ts'

const actors = [
  'nobody',
  'garbage',
  'stranger’s key',
  'expired access',
  'expired ticket',
  'chat access',
  'files access',
  'files ticket',
  'ticket of another image',
  'other user',
  'ticket holder',
  'owner',
] as const
type Actor = (typeof actors)[number]
type Row = Readonly<Record<Actor, number>>

const nobodyMay = Object.fromEntries(actors.map((actor) => [actor, 401])) as Row
const everybodyMay = (status: number) =>
  Object.fromEntries(actors.map((actor) => [actor, status])) as Row
const reads: Row = { ...nobodyMay, 'ticket of another image': 404, 'ticket holder': 200 }
const ofOwner = (status: number): Row => ({ ...nobodyMay, owner: status, 'other user': 404 })

/** What each actor gets at each route; a route without a row fails below. */
const matrix: Readonly<Record<string, Row>> = {
  'GET /images/:id/:variant': reads,
  'HEAD /images/:id/:variant': reads,
  'POST /uploads': { ...nobodyMay, owner: 201, 'other user': 201 },
  'HEAD /uploads/:id': ofOwner(200),
  'GET /uploads/:id': ofOwner(200),
  'PATCH /uploads/:id': ofOwner(204),
  'DELETE /uploads/:id': ofOwner(204),
  'GET /healthz': everybodyMay(200),
  'OPTIONS /uploads': everybodyMay(204),
  'OPTIONS /uploads/:id': everybodyMay(204),
}

const absent = 'a'.repeat(32)
let folder: string
let server: TestServer
let tokens: Readonly<Record<Actor, string | undefined>>
// An image and an unfinished upload, both Alice's.
let imageId: string
let uploadId: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
  server = await startTestServer(folder, { log: recordingLogger().log })
  const owner = await server.token(alice)
  const picture = (side: number) => scene(side, side).png().toBuffer()
  imageId = (await uploadImage(server.url, owner, await picture(40))).id
  const other = await uploadImage(server.url, owner, await picture(50))
  uploadId = (await begin(server.url, owner, 9)).split('/').at(-1) ?? ''
  const past = await testRelay(folder, -3_600_000)
  const elsewhere = join(folder, 'elsewhere')
  await mkdir(elsewhere)
  const stranger = await testRelay(elsewhere)
  tokens = {
    nobody: undefined,
    garbage: 'a.b.c',
    'stranger’s key': await stranger.token(alice),
    'expired access': await past.token(alice),
    'expired ticket': await past.ticket(imageId),
    'chat access': await server.token(alice, 'chat'),
    'files access': await server.token(alice, 'files'),
    'files ticket': await server.ticket(imageId, 'files'),
    'ticket of another image': await server.ticket(other.id),
    'other user': await server.token(bob),
    'ticket holder': await server.ticket(imageId),
    owner,
  }
})

afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

test('every route has a row', () => {
  const ctx = { store: {} } as unknown as ImgServerContext
  const report = { report: () => Promise.reject(new Error('not asked')) }
  const routes = routesOf(ctx, report as unknown as Parameters<typeof routesOf>[1])
  const names = routes.map(({ method, path }) => `${method} ${path}`)
  expect(Object.keys(matrix).toSorted()).toEqual(names.toSorted())
})

// Last of all what removes the upload that the others look at.
const removal = 'DELETE /uploads/:id'
const cells = Object.entries(matrix)
  .toSorted(([one], [other]) => Number(one === removal) - Number(other === removal))
  .flatMap(([route, row]) => actors.map((actor) => ({ route, actor, status: row[actor] })))

describe('the matrix', () => {
  test.each(cells)('$route by $actor is $status', async ({ route, actor, status }) => {
    const there = await call(route, actor)
    expect(there.status).toBe(status)
    if (status !== 401 && status !== 404) return
    // Nothing tells what is there from what never was.
    expect(there).toEqual(await call(route, actor, absent))
  })
})

async function call(route: string, actor: Actor, id?: string) {
  const [method = '', pattern = ''] = route.split(' ')
  const own = pattern.startsWith('/images') ? imageId : uploadId
  const path = pattern.replace(':id', id ?? own).replace(':variant', 'full')
  const token = tokens[actor]
  const headers = {
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    'Tus-Resumable': '1.0.0',
    // No bytes: the owner's upload must look the same to every row.
    'Upload-Length': '9',
    'Upload-Offset': '0',
    'Content-Type': method === 'PATCH' ? 'application/offset+octet-stream' : 'text/plain',
  }
  const answer = await fetch(server.url + path, { method, headers })
  const told = Object.fromEntries([...answer.headers].filter(([name]) => name !== 'date'))
  return { status: answer.status, headers: told, body: await answer.text() }
}
