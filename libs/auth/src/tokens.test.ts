import { generateKeyPairSync } from 'node:crypto'
import { SignJWT, UnsecuredJWT } from 'jose'
import type { JWTPayload } from 'jose'
import { describe, expect, test } from 'vitest'
import {
  Verifier,
  issueAccessToken,
  issueReceipt,
  issueTicket,
  verifyAccessToken,
  verifyReceipt,
  verifyTicket,
} from './index.ts'
import { ann, annsPhone, setup, someBlob } from './setup.fixture.ts'

const grant = { userId: ann, deviceId: annsPhone, loginId: 'login-1' }
const minuteMs = 60_000

describe('an access token', () => {
  test('says who and which device, for 15 minutes, to every service', async () => {
    const { signer, verifier, scheduler } = await setup()
    const issued = await issueAccessToken(signer, grant)
    expect(issued.expiresAtMs).toBe(scheduler.now() + 15 * minuteMs)
    for (const audience of ['chat', 'files', 'images'] as const) {
      const token = await verifyAccessToken(verifier, issued.token, audience)
      expect(token).toEqual({ ...grant, expiresAtMs: issued.expiresAtMs })
    }
  })

  test('opens only the services it names', async () => {
    const { signer, verifier } = await setup()
    const { token } = await issueAccessToken(signer, grant, ['chat'])
    await expect(verifyAccessToken(verifier, token, 'chat')).resolves.toBeDefined()
    await expect(verifyAccessToken(verifier, token, 'files')).rejects.toMatchObject({
      kind: 'unauthenticated',
      reason: 'TOKEN_INVALID',
    })
  })

  test('ends on the second, remembered or not', async () => {
    const { signer, verifier, keys, scheduler } = await setup()
    const { token } = await issueAccessToken(signer, grant)
    await verifyAccessToken(verifier, token, 'chat')
    scheduler.advanceSync(15 * minuteMs - 1)
    await expect(verifyAccessToken(verifier, token, 'chat')).resolves.toBeDefined()
    scheduler.advanceSync(1)
    const fresh = new Verifier(keys, { scheduler })
    for (const each of [verifier, fresh]) {
      await expect(verifyAccessToken(each, token, 'chat')).rejects.toMatchObject({
        kind: 'unauthenticated',
        reason: 'TOKEN_EXPIRED',
      })
    }
  })
})

describe('a token that is not good', () => {
  const check = async (token: string, world: Awaited<ReturnType<typeof setup>>) =>
    verifyAccessToken(world.verifier, token, 'chat').catch((error: unknown) => error)

  test.each([
    ['', 'TOKEN_MISSING'],
    ['x', 'TOKEN_MALFORMED'],
    ['a.b', 'TOKEN_MALFORMED'],
    ['a.b.c.d', 'TOKEN_MALFORMED'],
    ['a.b.c', 'TOKEN_MALFORMED'],
  ])('such as %j is %s', async (token, reason) => {
    expect(await check(token, await setup())).toMatchObject({ kind: 'unauthenticated', reason })
  })

  test('tampered with in any of its three parts is refused', async () => {
    const world = await setup()
    const { token } = await issueAccessToken(world.signer, grant)
    const parts = token.split('.')
    const other = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5d'
    const payload = Buffer.from(parts[1]!, 'base64url').toString().replace(ann, other)
    const forged = [parts[0], Buffer.from(payload).toString('base64url'), parts[2]].join('.')
    expect(await check(forged, world)).toMatchObject({ reason: 'TOKEN_INVALID' })
    for (let part = 0; part < 3; part += 1) {
      const bytes = Buffer.from(parts[part]!, 'base64url')
      bytes[5]! ^= 1
      const broken = parts.with(part, bytes.toString('base64url')).join('.')
      expect(await check(broken, world)).toMatchObject({
        kind: 'unauthenticated',
        reason: expect.stringMatching(/^TOKEN_(INVALID|MALFORMED)$/),
      })
    }
  })

  const claims = (now: number): JWTPayload => ({
    iss: 'relay',
    aud: 'chat',
    sub: ann,
    dev: annsPhone,
    sid: 'login-1',
    exp: Math.floor(now / 1000) + 60,
  })

  test('without a signature (alg none) is refused', async () => {
    const world = await setup()
    const token = new UnsecuredJWT(claims(world.scheduler.now())).encode()
    expect(await check(token, world)).toMatchObject({ kind: 'unauthenticated' })
    const header = Buffer.from(JSON.stringify({ alg: 'none', kid: world.signer.kid }))
    const named = `${header.toString('base64url')}.${token.split('.')[1]}.`
    expect(await check(named, world)).toMatchObject({ kind: 'unauthenticated' })
  })

  test('signed by HMAC with the public key, as in the old confusion, is refused', async () => {
    const world = await setup()
    const [jwk] = (JSON.parse(world.signer.jwks) as { keys: [{ x: string }] }).keys
    const token = await new SignJWT(claims(world.scheduler.now()))
      .setProtectedHeader({ alg: 'HS256', kid: world.signer.kid })
      .sign(Buffer.from(jwk.x, 'base64url'))
    expect(await check(token, world)).toMatchObject({ reason: 'TOKEN_INVALID' })
  })

  test("signed by a stranger's key is refused, also under our key's name", async () => {
    const world = await setup()
    const stranger = await setup()
    const { token } = await issueAccessToken(stranger.signer, grant)
    expect(await check(token, world)).toMatchObject({ reason: 'TOKEN_INVALID' })
    const posing = await new SignJWT(claims(world.scheduler.now()))
      .setProtectedHeader({ alg: 'EdDSA', kid: world.signer.kid })
      .sign(generateKeyPairSync('ed25519').privateKey)
    expect(await check(posing, world)).toMatchObject({ reason: 'TOKEN_INVALID' })
  })

  const sign = async (
    world: Awaited<ReturnType<typeof setup>>,
    change: Record<string, unknown>,
    audience = 'chat',
  ) => {
    const base = { dev: annsPhone, sid: 'login-1', ...change }
    const statement = { claims: base, subject: ann, audience, lifetimeMs: minuteMs }
    return (await world.signer.sign(statement)).token
  }

  test.each([
    { note: 'no device', change: { dev: undefined } },
    { note: 'a device that is no id', change: { dev: 'phone' } },
    { note: 'no login', change: { sid: undefined } },
    { note: 'another use', change: { use: 'ticket' } },
  ])('with $note is refused', async ({ change }) => {
    const world = await setup()
    expect(await check(await sign(world, change), world)).toMatchObject({ reason: 'TOKEN_INVALID' })
  })

  test('longer than 4,096 characters is refused unread, however well signed', async () => {
    const world = await setup()
    const long = await sign(world, { padding: 'x'.repeat(4_096) })
    expect(await check(long, world)).toMatchObject({ reason: 'TOKEN_MALFORMED' })
    const short = await sign(world, { padding: 'x'.repeat(2_000) })
    expect(await check(short, world)).toMatchObject({ userId: ann })
  })

  test('of another issuer with the same key is refused', async () => {
    const world = await setup()
    const other = new Verifier({ ...world.keys, issuer: 'file-server' }, world)
    const { token } = await issueAccessToken(world.signer, grant)
    await expect(verifyAccessToken(other, token, 'chat')).rejects.toMatchObject({
      reason: 'TOKEN_INVALID',
    })
  })
})

describe('a ticket', () => {
  const leave = { userId: ann, blobId: someBlob }

  test('is leave for one user and one blob, for 60 seconds', async () => {
    const { signer, verifier, scheduler } = await setup()
    const issued = await issueTicket(signer, leave, 'files')
    expect(await verifyTicket(verifier, issued.token, 'files')).toEqual({
      ...leave,
      expiresAtMs: scheduler.now() + minuteMs,
    })
    scheduler.advanceSync(minuteMs)
    await expect(verifyTicket(verifier, issued.token, 'files')).rejects.toMatchObject({
      reason: 'TOKEN_EXPIRED',
    })
  })

  test('for files does not open images', async () => {
    const { signer, verifier } = await setup()
    const { token } = await issueTicket(signer, leave, 'files')
    await expect(verifyTicket(verifier, token, 'images')).rejects.toMatchObject({
      reason: 'TOKEN_INVALID',
    })
  })

  test('is no access token, and an access token is no ticket', async () => {
    const { signer, verifier } = await setup()
    const ticket = await issueTicket(signer, leave, 'files')
    const access = await issueAccessToken(signer, grant)
    const asAccess = verifyAccessToken(verifier, ticket.token, 'files')
    await expect(asAccess).rejects.toMatchObject({ reason: 'TOKEN_INVALID' })
    const asTicket = verifyTicket(verifier, access.token, 'files')
    await expect(asTicket).rejects.toMatchObject({ reason: 'TOKEN_INVALID' })
  })
})

describe('a receipt', () => {
  const file = {
    ownerId: ann,
    blobId: someBlob,
    sizeBytes: 2 ** 40,
    digest: 'ab'.repeat(32),
    mediaType: 'application/pdf',
  }
  const photo = {
    ...file,
    mediaType: 'image/webp',
    image: { widthPx: 4_000, heightPx: 3_000, thumbhash: 'HBkSHYSIeHiPiHh8eJd4eTN0EEQG' },
  }

  test.each([
    ['a file', file],
    ['an image', photo],
  ])('tells all there is of %s, for 24 hours', async (_, blob) => {
    const { signer, verifier, scheduler } = await setup('img-server')
    const { token, expiresAtMs } = await issueReceipt(signer, blob)
    expect(expiresAtMs).toBe(scheduler.now() + 24 * 60 * minuteMs)
    expect(await verifyReceipt(verifier, token)).toEqual({ ...blob, expiresAtMs })
    scheduler.advanceSync(24 * 60 * minuteMs)
    await expect(verifyReceipt(verifier, token)).rejects.toMatchObject({ reason: 'TOKEN_EXPIRED' })
  })

  test("of the file server is not taken for the image server's", async () => {
    const files = await setup('file-server')
    const images = await setup('img-server')
    const { token } = await issueReceipt(files.signer, file)
    await expect(verifyReceipt(images.verifier, token)).rejects.toMatchObject({
      reason: 'TOKEN_INVALID',
    })
  })

  test('is nothing else, though the same service signed it', async () => {
    const { signer, verifier } = await setup()
    const receipt = await issueReceipt(signer, file)
    const ticket = await issueTicket(signer, { userId: ann, blobId: someBlob }, 'files')
    await expect(verifyTicket(verifier, receipt.token, 'files')).rejects.toThrow()
    await expect(verifyReceipt(verifier, ticket.token)).rejects.toThrow()
  })
})

describe('what a verifier remembers', () => {
  test('spares the key set a second look, and is bounded', async () => {
    const { signer, keys, scheduler } = await setup()
    let looks = 0
    const counting = { ...keys, find: (kid: string) => ((looks += 1), keys.find(kid)) }
    const verifier = new Verifier(counting, { scheduler, maxRemembered: 3 })
    const { token } = await issueAccessToken(signer, grant)
    await verifyAccessToken(verifier, token, 'chat')
    await verifyAccessToken(verifier, token, 'chat')
    expect(looks).toBe(1)
    for (let login = 0; login < 5; login += 1) {
      const each = await issueAccessToken(signer, { ...grant, loginId: `l${login}` })
      await verifyAccessToken(verifier, each.token, 'chat')
    }
    expect(verifier.remembered).toBe(3)
  })

  test('is forgotten with the key that signed it', async () => {
    const { signer, keys, scheduler } = await setup()
    const withdrawable = { ...keys, withdrawn: false }
    const verifier = new Verifier(
      {
        issuer: 'relay',
        find: async (kid) => (withdrawable.withdrawn ? undefined : keys.find(kid)),
        has: () => !withdrawable.withdrawn,
      },
      { scheduler },
    )
    const { token } = await issueAccessToken(signer, grant)
    await verifyAccessToken(verifier, token, 'chat')
    withdrawable.withdrawn = true
    await expect(verifyAccessToken(verifier, token, 'chat')).rejects.toMatchObject({
      reason: 'TOKEN_INVALID',
    })
  })
})
