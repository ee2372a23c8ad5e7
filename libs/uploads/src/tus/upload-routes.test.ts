import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '@parley/errors'
import { tempFolder } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  append,
  begin,
  bytesType,
  head,
  reasonOf,
  send,
  tusHeaders,
} from '../testing/http-client.ts'
import type { Answer } from '../testing/http-client.ts'
import { openWorld } from '../testing/world.ts'
import type { WorldOptions } from '../testing/world.ts'

describe('ending', () => {
  test('forgets a removed upload and its bytes', async () => {
    const { root, folder } = await setup()
    const url = await begin(root, 'user-a', 10)
    await append(url, 'user-a', 0, Buffer.from('01234'))
    expect((await send('DELETE', url, tusHeaders('user-a'))).status).toBe(204)
    expect((await head(url)).status).toBe(404)
    expect(await readdir(path.join(folder, 'parts'))).toEqual([])
  })

  test('refuses for good what finishing will not have, and forgets it', async () => {
    const finish = () => {
      throw new AppError('unprocessable', 'NOT_AN_IMAGE', 'this is no image')
    }
    const { root, folder } = await setup({ finish })
    const url = await begin(root, 'user-a', 5)
    const answer = await append(url, 'user-a', 0, Buffer.from('hello'))
    expect([answer.status, reasonOf(answer)]).toEqual([422, 'NOT_AN_IMAGE'])
    expect((await head(url)).status).toBe(404)
    expect(await readdir(path.join(folder, 'parts'))).toEqual([])
  })

  test('tries again at the next question when finishing failed for now', async () => {
    let attempts = 0
    const { root } = await setup({
      finish: async ({ path: file, digest, sizeBytes }, blobs) => {
        attempts += 1
        if (attempts === 1) throw new AppError('unavailable', 'BUSY', 'later')
        await blobs.put(file, digest)
        return { facts: {}, variants: [{ variant: 'full', digest, sizeBytes, type: 'x/y' }] }
      },
    })
    const url = await begin(root, 'user-a', 5)
    expect((await append(url, 'user-a', 0, Buffer.from('hello'))).status).toBe(503)
    const asked = await head(url)
    expect([asked.status, asked.headers['upload-offset']]).toEqual([200, '5'])
    expect(asked.headers['parley-file-id']).toBeDefined()
  })

  test('hides what went wrong inside', async () => {
    const finish = () => {
      throw new Error('secret path /var/lib')
    }
    const { root } = await setup({ finish })
    const url = await begin(root, 'user-a', 5)
    const answer = await append(url, 'user-a', 0, Buffer.from('hello'))
    expect(answer.status).toBe(500)
    expect(answer.body.toString()).toBe(
      '{"error":{"reason":"INTERNAL","message":"internal error"}}\n',
    )
  })
})

describe('others', () => {
  test.each(['HEAD', 'GET', 'PATCH', 'DELETE'])(
    'find at %s of an upload of somebody else what they find where there is none',
    async (method) => {
      const { root } = await setup()
      const url = await begin(root, 'user-a', 5)
      const headers = tusHeaders('user-b', { 'Upload-Offset': 0, ...bytesType })
      const denied = await send(method, url, headers)
      const missing = await send(method, `${root}/uploads/${'a'.repeat(32)}`, headers)
      expect(denied.status).toBe(404)
      expect(comparable(denied)).toEqual(comparable(missing))
      expect((await head(url)).status).toBe(200)
    },
  )

  test.each([
    ['POST', '/uploads'],
    ['HEAD', `/uploads/${'a'.repeat(32)}`],
    ['GET', `/uploads/${'a'.repeat(32)}`],
    ['PATCH', `/uploads/${'a'.repeat(32)}`],
    ['DELETE', `/uploads/${'a'.repeat(32)}`],
  ])('without a good token get 401 at %s %s', async (method, place) => {
    const { root } = await setup()
    expect((await send(method, root + place, { 'Tus-Resumable': '1.0.0' })).status).toBe(401)
    expect((await send(method, root + place, tusHeaders('stranger'))).status).toBe(401)
  })
})

async function setup(options: WorldOptions = {}) {
  const folder = await tempFolder()
  const world = await openWorld(folder, options)
  onTestFinished(() => world.close())
  return { ...world, folder }
}

function comparable(answer: Answer) {
  const { date: _date, ...headers } = answer.headers
  return { status: answer.status, headers, body: answer.body.toString() }
}
