import { generateKeyPairSync } from 'node:crypto'
import { FakeScheduler, tempFolder } from '@parley/testkit'
import { SignJWT, UnsecuredJWT } from 'jose'
import type { JWTPayload } from 'jose'
import { describe, expect, test } from 'vitest'
import { Verifier, issueAccessToken, verifyAccessToken } from './index.ts'
import { ann, annsPhone, world as makeWorld } from './world.fixture.ts'

const setup = async (issuer = 'relay') => makeWorld(issuer, new FakeScheduler(), await tempFolder())
type World = Awaited<ReturnType<typeof setup>>

const grant = { userId: ann, deviceId: annsPhone, loginId: 'login-1' }
const minuteMs = 60_000

describe('a token that is not good', () => {
  const check = async (token: string, world: World) =>
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

  const sign = async (world: World, change: Record<string, unknown>, audience = 'chat') => {
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
