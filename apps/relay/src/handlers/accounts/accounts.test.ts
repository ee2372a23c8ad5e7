import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chat } from '@parley/proto'
import { eventually, tempFolder } from '@parley/testkit'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startRelayWorld } from '../../testing/relay-world.ts'
import type { RelayWorld } from '../../testing/relay-world.ts'

const password = 'correct horse'

describe('accounts over gRPC', () => {
  let folder = ''
  let world: RelayWorld
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
    world = await startRelayWorld(folder)
  })
  afterAll(async () => {
    await world.close()
    await rm(folder, { recursive: true, force: true })
  })

  const login = (name: string, rest: Partial<chat.LoginRequest> = {}) =>
    world.nobody.accounts.login({ name, password, ...rest })

  it('register once, however often the request is repeated, and only for who knows the password', async () => {
    const request = { requestId: randomBytes(16), name: 'Rosa', password, deviceName: 'laptop' }
    const first = await world.nobody.accounts.register(request)
    const again = await world.nobody.accounts.register(request)
    expect(again.credentials?.userId).toEqual(first.credentials?.userId)
    expect(again.credentials?.refreshToken).toBe(first.credentials?.refreshToken)
    const guess = { ...request, password: 'wrong horse' }
    await expect(world.nobody.accounts.register(guess)).rejects.toMatchObject({
      reason: 'ID_CONFLICT',
    })
    const { devices } = await world.bearer(again.credentials!.accessToken).accounts.listDevices()
    expect(devices).toMatchObject([{ name: 'laptop', current: true }])
  })

  it('log in under any spelling of the name, and the same request gives the same login', async () => {
    await world.register('Straße7')
    const request = { requestId: randomBytes(16) }
    const first = await login('STRASSE7', request)
    const again = await login('STRASSE7', request)
    expect(first.credentials?.userName).toBe('Straße7')
    expect(again.credentials?.refreshToken).toBe(first.credentials?.refreshToken)
  })

  it('exchange a refresh token once; a lost answer can be asked for again, a thief ends it all', async () => {
    const { credentials } = await world.register('refresher')
    const { refreshToken } = credentials
    const request = { requestId: randomBytes(16), refreshToken }
    const next = (await world.nobody.accounts.refresh(request)).credentials!
    const again = (await world.nobody.accounts.refresh(request)).credentials!
    expect(again.refreshToken).toBe(next.refreshToken)
    expect(again.userName).toBe('refresher')
    const caller = world.bearer(next.accessToken)
    await caller.accounts.listDevices()
    await expect(world.nobody.accounts.refresh({ refreshToken })).rejects.toMatchObject({
      reason: 'TOKEN_REUSED',
    })
    await expect(caller.accounts.listDevices()).rejects.toMatchObject({ reason: 'LOGIN_ENDED' })
    await expect(
      world.nobody.accounts.refresh({ refreshToken: next.refreshToken }),
    ).rejects.toMatchObject({ reason: 'LOGIN_ENDED' })
  })

  it('log out at once, and again without harm', async () => {
    const person = await world.register('leaver')
    await person.accounts.logout()
    await person.accounts.logout()
    await expect(person.accounts.listDevices()).rejects.toMatchObject({ reason: 'LOGIN_ENDED' })
    const { refreshToken } = person.credentials
    await expect(world.nobody.accounts.refresh({ refreshToken })).rejects.toMatchObject({
      reason: 'LOGIN_ENDED',
    })
  })

  it('show only the devices that are logged in', async () => {
    const person = await world.register('mover')
    const old = (await login('mover', { deviceName: 'old phone' })).credentials!
    expect((await person.accounts.listDevices()).devices).toHaveLength(2)
    await world.bearer(old.accessToken).accounts.logout()
    const { devices } = await person.accounts.listDevices()
    expect(devices.map((each) => each.current)).toEqual([true])
    const again = (await login('mover', { deviceName: 'old phone' })).credentials!
    expect(again.deviceId).toBeDefined()
    expect((await person.accounts.listDevices()).devices).toHaveLength(2)
  })

  it('log out only so often from one address, for each time is written down', async () => {
    const folder = await tempFolder()
    const strict = await startRelayWorld(folder, { RATE_FACTOR: '1' })
    onTestFinished(() => strict.close())
    const person = await strict.register('hasty')
    const many = Array.from({ length: 600 }, () => person.accounts.logout())
    const refused = (await Promise.allSettled(many)).filter(({ status }) => status === 'rejected')
    expect(refused.length).toBeGreaterThan(0)
    expect(refused[0]).toMatchObject({ reason: { reason: 'RATE_LIMITED' } })
  })

  it('change the password once: other logins end within a second, this one stays', async () => {
    const person = await world.register('changer')
    const other = (await login('changer')).credentials!
    await world.bearer(other.accessToken).accounts.listDevices()
    const request = {
      requestId: randomBytes(16),
      oldPassword: password,
      newPassword: 'battery staple',
    }
    await person.accounts.changePassword(request)
    await person.accounts.changePassword(request)
    await eventually(() =>
      expect(world.bearer(other.accessToken).accounts.listDevices()).rejects.toMatchObject({
        reason: 'LOGIN_ENDED',
      }),
    )
    await person.accounts.listDevices()
    await expect(login('changer')).rejects.toMatchObject({ reason: 'CREDENTIALS_INVALID' })
    await login('changer', { password: 'battery staple' })
  })

  it('list devices and revoke one', async () => {
    const person = await world.register('deviser')
    const phone = (await login('deviser', { deviceName: 'phone' })).credentials!
    const { devices } = await person.accounts.listDevices()
    expect(devices.map((each) => [each.name, each.current])).toEqual([
      ['phone', false],
      ['', true],
    ])
    await person.accounts.revokeDevice({ deviceId: phone.deviceId })
    expect((await person.accounts.listDevices()).devices).toHaveLength(1)
  })

  it('keep a device id over logins', async () => {
    await world.register('keeper')
    const deviceId = randomBytes(16)
    const first = (await login('keeper', { deviceId })).credentials!
    const second = (await login('keeper', { deviceId })).credentials!
    expect(second.deviceId).toEqual(deviceId)
    await eventually(() =>
      expect(world.bearer(first.accessToken).accounts.listDevices()).rejects.toMatchObject({
        reason: 'LOGIN_ENDED',
      }),
    )
  })

  it('show and change profiles, and find users by the beginning of their names', async () => {
    const person = await world.register('王小明')
    const { profile } = await person.accounts.updateProfile({ nickname: '小明', about: 'a\nb' })
    expect(profile).toMatchObject({ name: '王小明', nickname: '小明', about: 'a\nb' })
    await person.accounts.updateProfile({ nickname: '' })
    const byId = { user: { $case: 'userId', value: person.userId } } as const
    expect((await person.accounts.getProfile(byId)).profile).toMatchObject({
      nickname: '',
      about: 'a\nb',
    })
    const byName = { user: { $case: 'name', value: '王小明' } } as const
    expect((await person.accounts.getProfile(byName)).profile?.userId).toEqual(person.userId)
    expect((await person.accounts.findUsers({ query: '王' })).users).toHaveLength(1)
  })

  it('know nobody online while presence is away', async () => {
    const person = await world.register('looker')
    expect(await person.accounts.listOnline()).toEqual({
      users: [],
      nextPageToken: '',
      asOfMs: 0,
    })
  })

  it('make who guesses passwords wait, and nobody else', async () => {
    await world.register('guessed')
    const wrong = () => login('guessed', { password: 'wrong horse' })
    for (let i = 0; i < 6; i += 1) {
      await expect(wrong()).rejects.toMatchObject({ reason: 'CREDENTIALS_INVALID' })
    }
    await expect(wrong()).rejects.toMatchObject({ reason: 'RATE_LIMITED' })
    await world.register('unharmed')
    await login('unharmed')
  })

  it('bound the calls of one user, not those of another', async () => {
    const hasty = await world.register('hasty')
    const refused: PromiseRejectedResult[] = []
    // On a slow machine the rate may fill up as fast as the calls come.
    for (let round = 0; round < 20 && refused.length === 0; round += 1) {
      const calls = Array.from({ length: 400 }, () => hasty.accounts.listDevices())
      const settled = await Promise.allSettled(calls)
      refused.push(...settled.filter((each) => each.status === 'rejected'))
    }
    expect(refused.length).toBeGreaterThan(0)
    for (const each of refused) {
      expect(each.reason).toMatchObject({
        reason: 'RATE_LIMITED',
        retryAfterMs: expect.any(Number),
      })
    }
    const patient = await world.register('patient')
    await patient.accounts.listDevices()
  })

  it('answer calls with unknown fields', async () => {
    const person = await world.register('future')
    const request = Buffer.concat([
      chat.FindUsersRequest.encode({ query: 'future', limit: 0 }).finish(),
      Buffer.from([0xfa, 0x3f, 3, 1, 2, 3]),
    ])
    const answer = await person.raw('/parley.chat.v1.Accounts/FindUsers', request)
    expect(chat.FindUsersResponse.decode(answer).users).toHaveLength(1)
  })
})
