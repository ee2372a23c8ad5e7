import { createServer } from 'node:http'
import type { IncomingHttpHeaders, RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { FakeScheduler, eventually } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { attemptMs, fileDrop } from './plain-files.ts'
import type { FileDropParts, PlainFile } from './plain-files.ts'

const file = { name: 'Grüße 你好.txt', bytes: Buffer.from('a small file') }
const told = { 'Parley-File-Id': 'the-id', 'Parley-Receipt': 'the.receipt' }

interface Asked {
  readonly line: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A server that takes a body and then answers as told; and a drop that knows it. */
async function setup(answer: (...asked: Parameters<RequestListener>) => void) {
  const asked: Asked[] = []
  const gone = { count: 0 }
  const server = createServer((request, response) => {
    request.socket.once('close', () => (gone.count += 1))
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.once('end', () => {
      const { method = '', url = '', headers } = request
      asked.push({ line: `${method} ${url}`, headers, body: String(Buffer.concat(pieces)) })
      answer(request, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { asked, gone, server, ...dropAt({ filesPublic: urlOf(server) }) }
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function dropAt(config: Partial<FileDropParts['config']>) {
  const scheduler = new FakeScheduler()
  const drop = fileDrop({
    scheduler,
    config: { filesPublic: '', allowPlaintext: false, ...config },
  })
  const owner = new AbortController()
  const store = (what: PlainFile = file) =>
    drop.store(what, { accessToken: 'a.token', signal: owner.signal })
  return { scheduler, owner, store }
}

test('a file goes to the file server by one request, as its owner', async () => {
  const { asked, scheduler, store } = await setup((_, response) =>
    response.writeHead(201, told).end(),
  )
  expect(await store()).toEqual({ fileId: 'the-id', receipt: 'the.receipt' })
  expect(asked).toMatchObject([
    {
      line: 'POST /uploads',
      body: 'a small file',
      headers: {
        authorization: 'Bearer a.token',
        'tus-resumable': '1.0.0',
        'upload-length': '12',
        'upload-metadata': `filename ${Buffer.from(file.name).toString('base64')}`,
        'content-type': 'application/offset+octet-stream',
        'content-length': '12',
      },
    },
  ])
  expect(scheduler.pendingTimers).toBe(0)
})

test.each([403, 413, 429, 507])(
  'a refusal is told in its words, and not asked for again: %i',
  async (status) => {
    const error = { reason: 'QUOTA_EXCEEDED', message: 'your files take too much room' }
    const { asked, store } = await setup((_, response) =>
      response.writeHead(status).end(JSON.stringify({ error })),
    )
    await expect(store()).rejects.toMatchObject(error)
    expect(asked.length).toBe(1)
  },
)

test('a refusal that comes before the bytes are taken is told, too', async () => {
  const error = { reason: 'QUOTA_EXCEEDED', message: 'your files take too much room' }
  let count = 0
  const server = createServer((_, response) => {
    count += 1
    response.writeHead(507, { Connection: 'close' }).end(JSON.stringify({ error }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { store } = dropAt({ filesPublic: urlOf(server) })
  await expect(store({ name: 'long', bytes: Buffer.alloc(8 << 20) })).rejects.toMatchObject(error)
  expect(count).toBe(1)
})

test('an upload that breaks off is begun once more', async () => {
  let count = 0
  const { asked, store } = await setup((request, response) => {
    count += 1
    if (count === 1) request.socket.destroy()
    else response.writeHead(201, told).end()
  })
  expect(await store()).toMatchObject({ fileId: 'the-id' })
  expect(asked.length).toBe(2)
})

test.each([
  { note: 'breaks off', answer: (socket: { destroy(): void }) => socket.destroy() },
  { note: 'fails', status: 503, body: '{"error":{"reason":"AWAY","message":"away"}}' },
  { note: 'gives no receipt', status: 201, body: '' },
  { note: 'leads elsewhere', status: 307, body: '' },
  { note: 'says something else', status: 404, body: '<html>' },
  { note: 'says too much', status: 400, body: 'x'.repeat(100_000) },
])('a server that $note twice is away', async ({ answer, status = 200, body }) => {
  const { asked, store } = await setup((request, response) => {
    if (answer) answer(request.socket)
    else response.writeHead(status, { Location: '/elsewhere' }).end(body)
  })
  await expect(store()).rejects.toMatchObject({ kind: 'unavailable', reason: 'FILES_AWAY' })
  expect(asked.map(({ line }) => line)).toEqual(['POST /uploads', 'POST /uploads'])
})

test('a server that nobody can reach is away', async () => {
  const { server, store } = await setup(() => undefined)
  await new Promise((resolve) => server.close(resolve))
  await expect(store()).rejects.toMatchObject({ reason: 'FILES_AWAY' })
})

test('a server that says nothing is waited for 30 s, twice', async () => {
  const { asked, scheduler, store } = await setup(() => undefined)
  const ended = store().catch((error: unknown) => error)
  for (const count of [1, 2]) {
    await eventually(() => asked.length === count)
    await scheduler.advance(attemptMs - 1)
    expect(scheduler.pendingTimers).toBe(1)
    await scheduler.advance(1)
  }
  expect(await ended).toMatchObject({ reason: 'FILES_AWAY' })
  expect([asked.length, scheduler.pendingTimers]).toEqual([2, 0])
})

test('a file that is not wanted any more is called off, and not begun anew', async () => {
  const { asked, gone, owner, scheduler, store } = await setup(() => undefined)
  const ended = store().catch((error: unknown) => error)
  await eventually(() => asked.length === 1)
  owner.abort()
  expect(await ended).toMatchObject({ kind: 'unavailable' })
  await eventually(() => gone.count === 1)
  expect([asked.length, scheduler.pendingTimers]).toEqual([1, 0])
})

test('nobody is asked where there is no server, or a token would be read by others', async () => {
  await expect(dropAt({}).store()).rejects.toMatchObject({ reason: 'NO_FILE_SERVER' })
  const filesPublic = 'http://files.example:20001'
  await expect(dropAt({ filesPublic }).store()).rejects.toMatchObject({
    reason: 'PLAINTEXT_REFUSED',
  })
})
