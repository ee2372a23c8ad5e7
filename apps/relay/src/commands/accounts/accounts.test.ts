import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { limits } from '../../domain/limits.ts'
import { emptyWorld } from '../../testing/world.ts'
import type { World, WorldUser } from '../../testing/world.ts'
import { answerKeptMs } from '../upkeep/forget-requests.ts'
import { idleLoginMs, repeatMs } from './rotate-refresh.ts'

const bytes = (count: number) => Uint8Array.from(randomBytes(count))

function setup() {
  const world = emptyWorld()
  return { world, alice: world.register('alice') }
}

function login(world: World, user: WorldUser, deviceId: Uint8Array | undefined) {
  return world.outcome('createLogin', {
    user: user.user,
    verified: `hash of ${user.name}`,
    rehashed: undefined,
    loginId: bytes(16),
    refreshHash: bytes(32),
    deviceId,
    deviceName: 'phone',
  })
}

describe('accounts', () => {
  it('are refused under a taken name or one that looks like it', () => {
    const { world } = setup()
    const again = (nameKey: string, skeleton: string) =>
      world.outcome('registerAccount', {
        name: 'x',
        nameKey,
        skeleton,
        password: 'p',
        codeHash: undefined,
        loginId: bytes(16),
        refreshHash: bytes(32),
        deviceId: undefined,
        deviceName: '',
      }).reason
    expect(again('alice', 'other')).toBe('NAME_TAKEN')
    expect(again('other', 'alice')).toBe('NAME_TAKEN')
    expect(again('other', 'other')).toBeUndefined()
  })

  it('need an invitation code that still has uses, and use it up', () => {
    const { world } = setup()
    const codeHash = bytes(32)
    world.run('createInvitationCode', { codeHash, uses: 1, validMs: 1000 })
    const register = (name: string, hash = codeHash) =>
      world.outcome('registerAccount', {
        name,
        nameKey: name,
        skeleton: name,
        password: 'p',
        codeHash: hash,
        loginId: bytes(16),
        refreshHash: bytes(32),
        deviceId: undefined,
        deviceName: '',
      }).reason
    expect(register('bob', bytes(32))).toBe('INVITATION_CODE_INVALID')
    expect(register('bob')).toBeUndefined()
    expect(register('carol')).toBe('INVITATION_CODE_INVALID')
  })

  it('keep a device id of another user apart', () => {
    const { world, alice } = setup()
    const bob = world.register('bob')
    const { answer } = login(world, bob, alice.deviceId)
    expect(answer?.deviceId).not.toEqual(alice.deviceId)
  })

  it('end the earlier login of a device that logs in again', () => {
    const { world, alice } = setup()
    const { answer, effects } = login(world, alice, alice.deviceId)
    expect(answer?.deviceId).toEqual(Buffer.from(alice.deviceId))
    expect(effects?.ended).toMatchObject([{ why: 'REPLACED', login: Buffer.from(alice.loginId) }])
    expect(world.log(alice.notices)).toEqual([])
  })

  it('hear of a new device', () => {
    const { world, alice } = setup()
    login(world, alice, undefined)
    expect(world.log(alice.notices)).toMatchObject([{ $case: 'notice', value: { text: 'phone' } }])
  })

  it('have so many devices, then the one not seen for longest goes', () => {
    const { world, alice } = setup()
    for (let i = 1; i < limits.devices; i += 1) {
      world.clock.nowMs += 1
      login(world, alice, undefined)
    }
    const { effects } = login(world, alice, undefined)
    expect(effects?.ended).toMatchObject([{ login: Buffer.from(alice.loginId) }])
    const count = world.db.prepare('select count(*) from devices').pluck().get()
    expect(count).toBe(limits.devices)
  })

  it('refuse a login whose password was changed meanwhile, or that is disabled', () => {
    const { world, alice } = setup()
    world.run('setDisabled', { nameKey: 'alice', disabled: true })
    expect(login(world, alice, undefined).reason).toBe('DISABLED')
    world.run('setDisabled', { nameKey: 'alice', disabled: false })
    expect(login(world, alice, undefined).reason).toBeUndefined()
    world.run('resetPassword', { nameKey: 'alice', password: 'new' })
    expect(login(world, alice, undefined).reason).toBe('CREDENTIALS_INVALID')
  })

  it('end every other login with a new password', () => {
    const { world, alice } = setup()
    const other = login(world, alice, undefined).answer
    const { effects } = world.outcome('changePassword', {
      user: alice.user,
      verified: 'hash of alice',
      password: 'new',
      loginId: alice.loginId,
    })
    expect(effects?.ended.map((each) => each.login)).toEqual([Buffer.from(other!.loginId)])
    const wrong = { user: alice.user, verified: 'x', password: 'y', loginId: alice.loginId }
    expect(world.outcome('changePassword', wrong).reason).toBe('CREDENTIALS_INVALID')
  })

  it('end every login when disabled', () => {
    const { world, alice } = setup()
    const { effects } = world.outcome('setDisabled', { nameKey: 'alice', disabled: true })
    expect(effects?.ended).toMatchObject([{ user: alice.user, why: 'DISABLED' }])
    const unknown = { nameKey: 'nobody', disabled: true }
    expect(world.outcome('setDisabled', unknown).reason).toBe('USER_UNKNOWN')
  })

  it('lose a revoked device, and only their own', () => {
    const { world, alice } = setup()
    const bob = world.register('bob')
    const revoke = (deviceId: Uint8Array) =>
      world.outcome('revokeDevice', { user: alice.user, deviceId })
    expect(revoke(bob.deviceId).reason).toBe('DEVICE_UNKNOWN')
    expect(revoke(alice.deviceId).effects?.ended).toMatchObject([{ why: 'REVOKED' }])
    expect(revoke(alice.deviceId).reason).toBe('DEVICE_UNKNOWN')
  })

  it('change only what is given of a profile', () => {
    const { world, alice } = setup()
    const { user } = alice
    world.run('updateProfile', { user, nickname: 'Al', about: undefined })
    const answer = world.run('updateProfile', { user, nickname: undefined, about: 'hi' })
    expect(answer).toMatchObject({ name: 'alice', nickname: 'Al', about: 'hi' })
  })
})

describe('refresh tokens', () => {
  function tokens() {
    const { world, alice } = setup()
    const first = bytes(32)
    const loginId = bytes(16)
    world.run('createLogin', {
      user: alice.user,
      verified: 'hash of alice',
      rehashed: undefined,
      loginId,
      refreshHash: first,
      deviceId: undefined,
      deviceName: '',
    })
    const rotate = (hash: Uint8Array, requestId: Uint8Array, nextHash: Uint8Array) =>
      world.outcome('rotateRefresh', { loginId, hash, requestId, nextHash })
    return { world, first, rotate }
  }

  it('are exchanged, and the same request gives the same answer for a minute', () => {
    const { world, first, rotate } = tokens()
    const [id, next] = [bytes(16), bytes(32)]
    expect(rotate(first, id, next).answer?.state).toBe('renewed')
    world.clock.nowMs += repeatMs
    expect(rotate(first, id, next).answer?.state).toBe('renewed')
    expect(rotate(next, bytes(16), bytes(32)).answer?.state).toBe('renewed')
  })

  it('end the login when they are used again by another request', () => {
    const { first, rotate } = tokens()
    const next = bytes(32)
    rotate(first, bytes(16), next)
    const stolen = rotate(first, bytes(16), bytes(32))
    expect(stolen.answer?.state).toBe('reused')
    expect(stolen.effects?.ended).toMatchObject([{ why: 'REVOKED' }])
    expect(rotate(next, bytes(16), bytes(32)).reason).toBe('LOGIN_ENDED')
  })

  it('end the login when a repetition comes too late, or two exchanges late', () => {
    const late = tokens()
    const id = bytes(16)
    late.rotate(late.first, id, bytes(32))
    late.world.clock.nowMs += repeatMs + 1
    expect(late.rotate(late.first, id, bytes(32)).answer?.state).toBe('reused')

    const old = tokens()
    const next = bytes(32)
    old.rotate(old.first, id, next)
    old.rotate(next, bytes(16), bytes(32))
    expect(old.rotate(old.first, id, next).answer?.state).toBe('reused')
  })

  it('lapse when nobody uses them, and are then forgotten', () => {
    const { world, first, rotate } = tokens()
    world.clock.nowMs += idleLoginMs + 1
    expect(rotate(first, bytes(16), bytes(32)).reason).toBe('LOGIN_ENDED')
    expect(world.run('forgetRequests', null).forgotten).toBe(2)
  })
})

describe('answers of mutating calls', () => {
  it('are repeated under the same id, refused under another meaning, and kept for a week', () => {
    const { world, alice } = setup()
    const { user } = alice
    const request = { user, id: bytes(16), digest: bytes(16) }
    const say = (nickname: string, digest = request.digest) =>
      world.outcome('updateProfile', { user, nickname, about: undefined }, { ...request, digest })
    expect(say('one').answer?.nickname).toBe('one')
    expect(say('two')).toMatchObject({ duplicate: true, answer: { nickname: 'one' } })
    expect(say('one', bytes(16)).reason).toBe('ID_CONFLICT')
    world.clock.nowMs += answerKeptMs + 1
    expect(world.run('forgetRequests', null).forgotten).toBe(1)
    expect(say('three')).toMatchObject({ duplicate: false, answer: { nickname: 'three' } })
  })
})
