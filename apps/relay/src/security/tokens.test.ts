import { randomBytes } from 'node:crypto'
import { localKeySet, openSigner } from '@parley/auth'
import { FakeScheduler, tempFolder } from '@parley/testkit'
import { describe, expect, it } from 'vitest'
import { emptyWorld } from '../testing/world.ts'
import { refreshTokens, secretHash } from './refresh-tokens.ts'
import { loginStateMs, openTokens } from './tokens.ts'

const bytes = (count: number) => Uint8Array.from(randomBytes(count))

async function setup() {
  const scheduler = new FakeScheduler()
  const signer = await openSigner({ issuer: 'relay', folder: await tempFolder(), scheduler })
  const world = emptyWorld()
  const alice = world.register('alice')
  const asked: string[] = []
  const journal = {
    ask: ((name, args) => {
      asked.push(name)
      return world.ask(name, args)
    }) as typeof world.ask,
  }
  const tokens = openTokens({ signer, keys: await localKeySet(signer), journal, scheduler })
  const { token } = await tokens.issue({ ...alice, userName: 'alice' })
  return { scheduler, world, alice, asked, tokens, token }
}

describe('access tokens', () => {
  it('tell who it is, and ask the database at most once a second', async () => {
    const { scheduler, alice, asked, tokens, token } = await setup()
    const identity = await tokens.authenticate(token)
    expect(identity).toMatchObject({ user: alice.user, userName: 'alice' })
    expect(Buffer.from(identity.login)).toEqual(Buffer.from(alice.loginId))
    await tokens.authenticate(token)
    expect(asked).toHaveLength(1)
    await scheduler.advance(loginStateMs)
    await tokens.authenticate(token)
    expect(asked).toHaveLength(2)
  })

  it('are refused within a second after their login has ended, and at once when told', async () => {
    const { scheduler, world, alice, tokens, token } = await setup()
    const ended = { kind: 'unauthenticated', reason: 'LOGIN_ENDED' }
    await tokens.authenticate(token)
    world.run('endLogin', { loginId: alice.loginId })
    await scheduler.advance(loginStateMs)
    await expect(tokens.authenticate(token)).rejects.toMatchObject(ended)

    const other = await setup()
    await other.tokens.authenticate(other.token)
    other.tokens.ended(other.alice.loginId)
    await expect(other.tokens.authenticate(other.token)).rejects.toMatchObject(ended)
    expect(Buffer.from(await other.tokens.readLogin(other.token))).toEqual(
      Buffer.from(other.alice.loginId),
    )
  })

  it('are refused at once where what is remembered does not count: another relay has ended the login', async () => {
    const { world, alice, tokens, token } = await setup()
    await tokens.authenticate(token)
    expect(await tokens.authenticateNow(token)).toMatchObject({ user: alice.user })
    world.run('endLogin', { loginId: alice.loginId })
    const ended = { kind: 'unauthenticated', reason: 'LOGIN_ENDED' }
    await expect(tokens.authenticateNow(token)).rejects.toMatchObject(ended)
    // And what was learned so is remembered.
    await expect(tokens.authenticate(token)).rejects.toMatchObject(ended)
  })

  it('are refused when the account is disabled, the device is gone, or they are old', async () => {
    const { scheduler, world, alice, tokens, token } = await setup()
    world.run('setDisabled', { nameKey: 'alice', disabled: true })
    await expect(tokens.authenticate(token)).rejects.toMatchObject({ reason: 'DISABLED' })
    world.run('setDisabled', { nameKey: 'alice', disabled: false })
    world.run('revokeDevice', { user: alice.user, deviceId: alice.deviceId })
    await scheduler.advance(loginStateMs)
    await expect(tokens.authenticate(token)).rejects.toMatchObject({ reason: 'LOGIN_ENDED' })
    await scheduler.advance(15 * 60_000)
    await expect(tokens.authenticate(token)).rejects.toMatchObject({ reason: 'TOKEN_EXPIRED' })
    await expect(tokens.readLogin(token)).rejects.toMatchObject({ reason: 'TOKEN_EXPIRED' })
  })

  it('ask again after a question that failed', async () => {
    const { scheduler, world, alice, token } = await setup()
    const signer = await openSigner({ issuer: 'relay', folder: await tempFolder(), scheduler })
    let broken = true
    const ask = ((name, args) =>
      broken ? Promise.reject(new Error('away')) : world.ask(name, args)) as typeof world.ask
    const keys = await localKeySet(signer)
    const tokens = openTokens({ signer, keys, scheduler, journal: { ask } })
    const own = (await tokens.issue({ ...alice, userName: 'alice' })).token
    await expect(tokens.authenticate(token)).rejects.toMatchObject({ reason: 'TOKEN_INVALID' })
    await expect(tokens.authenticate(own)).rejects.toThrow('away')
    broken = false
    expect(await tokens.authenticate(own)).toMatchObject({ user: alice.user })
  })
})

describe('refresh tokens', () => {
  it('are the same for the same request, and another for each other', () => {
    const refresh = refreshTokens(bytes(32))
    const [loginId, id, other] = [bytes(16), bytes(16), bytes(16)]
    const first = refresh.first(loginId, id)
    expect(refresh.first(loginId, id)).toBe(first)
    const next = refresh.next(first, id)
    expect(refresh.next(first, id)).toBe(next)
    expect(new Set([first, next, refresh.next(first, other), refresh.next(next, id)]).size).toBe(4)
    for (const token of [first, next]) {
      expect(Buffer.from(refresh.loginOf(token)!)).toEqual(Buffer.from(loginId))
    }
  })

  it('are none when made without the key, changed or cut', () => {
    const refresh = refreshTokens(bytes(32))
    const [loginId, id] = [bytes(16), bytes(16)]
    const token = refresh.first(loginId, id)
    expect(refresh.loginOf(refreshTokens(bytes(32)).first(loginId, id))).toBeUndefined()
    for (const wrong of [
      '',
      'x',
      token.slice(1),
      `${token}x`,
      `A${token.slice(1)}`,
      'é'.repeat(86),
    ]) {
      if (wrong !== token) expect(refresh.loginOf(wrong)).toBeUndefined()
    }
  })

  it('are stored as hashes', () => {
    expect(secretHash('token')).toHaveLength(32)
    expect(secretHash('token')).not.toEqual(secretHash('Token'))
  })
})
