import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@parley/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startRelayWorld } from '../../testing/relay-world.ts'
import type { RelayWorld } from '../../testing/relay-world.ts'

const password = 'correct horse'

describe('operators', () => {
  let folder = ''
  let world: RelayWorld
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
    world = await startRelayWorld(folder, { REGISTRATION: 'invitation' })
  })
  afterAll(async () => {
    await world.close()
    await rm(folder, { recursive: true, force: true })
  })

  async function register(name: string) {
    const { code } = await world.operator.operators.createInvitationCode({ uses: 1 })
    const { accounts } = world.nobody
    return (await accounts.register({ name, password, invitationCode: code })).credentials!
  }

  it('give out codes that let as many register as said; a repetition gives the same code', async () => {
    const request = { requestId: randomBytes(16), uses: 2 }
    const { code, expiresAtMs } = await world.operator.operators.createInvitationCode(request)
    const again = await world.operator.operators.createInvitationCode(request)
    expect(again).toEqual({ code, expiresAtMs })
    const { accounts } = world.nobody
    const join = (name: string, invitationCode: string) =>
      accounts.register({ name, password, invitationCode })
    await join('first', code)
    await join('second', code.toUpperCase())
    for (const wrong of [code, '', 'guess']) {
      await expect(join('third', wrong)).rejects.toMatchObject({
        reason: 'INVITATION_CODE_INVALID',
      })
    }
  })

  it('let nobody try out names without a code, and a name that is taken costs no use', async () => {
    await register('taken')
    const { code } = await world.operator.operators.createInvitationCode({ uses: 1 })
    const join = (name: string, invitationCode: string) =>
      world.nobody.accounts.register({ name, password, invitationCode })
    for (const name of ['taken', 'free']) {
      await expect(join(name, 'guess')).rejects.toMatchObject({ reason: 'INVITATION_CODE_INVALID' })
    }
    await expect(join('taken', code)).rejects.toMatchObject({ reason: 'NAME_TAKEN' })
    await join('free', code)
  })

  it('shut a user out within a second and let one in again', async () => {
    const { accessToken } = await register('victim')
    const { accounts } = world.bearer(accessToken)
    await accounts.listDevices()
    await world.operator.operators.setDisabled({ name: 'VICTIM', disabled: true })
    await eventually(() =>
      expect(accounts.listDevices()).rejects.toMatchObject({ reason: 'DISABLED' }),
    )
    const login = () => world.nobody.accounts.login({ name: 'victim', password })
    await expect(login()).rejects.toMatchObject({ reason: 'DISABLED' })
    await world.operator.operators.setDisabled({ name: 'victim', disabled: false })
    await login()
  })

  it('give a user another password, which ends every login', async () => {
    const { accessToken } = await register('forgetful')
    await world.operator.operators.resetPassword({
      name: 'forgetful',
      newPassword: 'battery staple',
    })
    await eventually(() =>
      expect(world.bearer(accessToken).accounts.listDevices()).rejects.toMatchObject({
        reason: 'LOGIN_ENDED',
      }),
    )
    await world.nobody.accounts.login({ name: 'forgetful', password: 'battery staple' })
  })

  it('list users by the beginning of their names', async () => {
    await register('listed')
    const { users, nextPageToken } = await world.operator.operators.listUsers({ query: 'Lis' })
    expect(users).toMatchObject([{ name: 'listed', disabled: false }])
    expect(nextPageToken).toBe('')
    expect((await world.operator.operators.listUsers()).users.length).toBeGreaterThan(1)
    const { sessions } = await world.operator.operators.listSessions()
    expect(sessions).toEqual([])
  })
})

describe('a closed relay', () => {
  it('lets nobody register', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
    const world = await startRelayWorld(folder, { REGISTRATION: 'closed' })
    await expect(
      world.nobody.accounts.register({ name: 'somebody', password }),
    ).rejects.toMatchObject({ kind: 'forbidden', reason: 'REGISTRATION_CLOSED' })
    await world.close()
    await rm(folder, { recursive: true, force: true })
  })
})
