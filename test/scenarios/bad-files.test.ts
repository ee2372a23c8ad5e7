import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import {
  clearReason,
  expiredAccess,
  hostileWorld,
  tampered,
  ticketFor,
} from '../harness/hostile-world.ts'
import { Tus } from '../harness/tus.ts'

hostileWorld((get) => {
  describe('a file or an image', () => {
    const token = () => get().eve.login().accessToken
    const png = (width: number, height: number) =>
      sharp({ create: { width, height, channels: 3, background: '#888' } })
        .png()
        .toBuffer()

    test.each<
      [
        string,
        () => Promise<{ status: number; reason: string | undefined }>,
        number,
        string | RegExp,
      ]
    >([
      [
        'without a token',
        () => new Tus(get().files, '').upload(Buffer.from('x')),
        401,
        'TOKEN_MISSING',
      ],
      [
        'with a tampered token',
        () => new Tus(get().files, tampered(token())).upload(Buffer.from('x')),
        401,
        'TOKEN_INVALID',
      ],
      [
        'with an expired token',
        async () => new Tus(get().files, await expiredAccess(get())).upload(Buffer.from('x')),
        401,
        'TOKEN_EXPIRED',
      ],
      [
        'with an expired token, an image',
        async () => new Tus(get().images, await expiredAccess(get())).upload(Buffer.from('x')),
        401,
        'TOKEN_EXPIRED',
      ],
      [
        'longer than any may be',
        () => new Tus(get().files, token()).create(3 * 2 ** 30),
        413,
        clearReason,
      ],
      [
        'an empty image',
        () => new Tus(get().images, token()).upload(Buffer.alloc(0)),
        422,
        'IMAGE_EMPTY',
      ],
      [
        'a broken image',
        async () => new Tus(get().images, token()).upload((await png(300, 200)).subarray(0, 120)),
        422,
        'IMAGE_BROKEN',
      ],
      [
        'an SVG',
        () =>
          new Tus(get().images, token()).upload(
            Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
          ),
        415,
        'IMAGE_FORMAT_UNSUPPORTED',
      ],
      [
        'an image of 50 megapixels',
        async () => new Tus(get().images, token()).upload(await png(10_000, 5_000)),
        422,
        'IMAGE_TOO_MANY_PIXELS',
      ],
      [
        'no image at all',
        () => new Tus(get().images, token()).upload(Buffer.from('just words')),
        415,
        'IMAGE_FORMAT_UNSUPPORTED',
      ],
    ])('%s', async (_note, upload, status, reason) => {
      const answer = await upload()
      expect(answer.status).toBe(status)
      expect(answer.reason).toMatch(typeof reason === 'string' ? new RegExp(`^${reason}$`) : reason)
    })

    test('at a wrong offset, and then goes on at the right one', async () => {
      const tus = new Tus(get().files, token())
      const { headers } = await tus.create(10)
      const location = headers.get('location') ?? ''
      expect((await tus.patch(location, 5, Buffer.from('56789'))).status).toBe(409)
      expect(
        (await tus.patch(location, 0, Buffer.from('0123456789'))).headers.get('parley-file-id'),
      ).toMatch(/^[\w-]{26,}$/)
    })

    test("another's unfinished upload looks like one that is not there", async () => {
      const { headers } = await new Tus(get().files, get().friend.login().accessToken).create(10)
      const location = headers.get('location') ?? ''
      const mine = new Tus(get().files, token())
      const theirs = await mine.patch(location, 0, Buffer.from('0123456789'))
      const missing = await mine.patch(`/uploads/${'a'.repeat(32)}`, 0, Buffer.from('0123456789'))
      expect([theirs.status, theirs.reason]).toEqual([404, missing.reason])
      expect(missing.status).toBe(404)
    })

    test('of no bytes is a file', async () => {
      expect(
        (await new Tus(get().files, token()).create(0)).headers.get('parley-receipt'),
      ).toBeTruthy()
    })

    test.each([
      ['a path', '../../etc/passwd'],
      ['control characters', 'a\u0000\u001b[31mb\n'],
    ])('whose name holds %s is stored as data, and no path comes of it', async (_note, name) => {
      const answer = await new Tus(get().files, token()).upload(Buffer.from('x'), name)
      const id = answer.headers.get('parley-file-id') ?? ''
      const ticket = await ticketFor(get(), id)
      const got = await fetch(`${get().files}/files/${id}`, {
        headers: { Authorization: `Bearer ${ticket}` },
      })
      expect(got.status).toBe(200)
      const disposition = got.headers.get('content-disposition') ?? ''
      expect(disposition).toMatch(/^attachment/)
      expect(disposition).not.toMatch(/\.\.\/|\.\.%2F|%00|%1B|%0A/i)
    })

    test('by a ticket that is expired, tampered with, or for another file', async () => {
      const tus = new Tus(get().files, token())
      const [one, two] = [
        await tus.upload(Buffer.from('one')),
        await tus.upload(Buffer.from('two')),
      ]
      const id = (answer: typeof one) => answer.headers.get('parley-file-id') ?? ''
      const good = await ticketFor(get(), id(one))
      const read = (blobId: string, ticket: string) =>
        fetch(`${get().files}/files/${blobId}`, { headers: { Authorization: `Bearer ${ticket}` } })
      expect((await read(id(one), good)).status).toBe(200)
      expect((await read(id(two), good)).status).toBe(404)
      expect((await read('a'.repeat(32), good)).status).toBe(404)
      expect((await read(id(one), tampered(good))).status).toBe(401)
      expect((await read(id(one), await ticketFor(get(), id(one), 'an hour ago'))).status).toBe(401)
      expect((await read(id(one), token())).status).toBe(401)
    })
  })
})
