import { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import { systemScheduler } from '@parley/service-kit'
import { eventually, tempFolder } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openHome } from '../state/home.ts'
import type { LocalState } from '../state/local-state.ts'
import { MemoryState } from '../state/memory-state.ts'
import { loggedIn, quickScheduler, startRelay } from '../testing/world.ts'
import type { ScriptedRelay } from '../testing/scripted-relay.ts'
import { login, openCalls } from './open-calls.ts'

async function setup(state: LocalState = new MemoryState()) {
  const relay = await startRelay()
  loggedIn(relay, state, systemScheduler)
  return { relay, state, calls: opened(relay, state) }
}

function opened(relay: ScriptedRelay, state: LocalState) {
  const { calls, close } = openCalls({ servers: [relay.address], state })
  onTestFinished(close)
  return calls
}

function expired(state: LocalState): string {
  const known = state.login()!
  state.saveLogin({ ...known, accessExpiresAtMs: 0 })
  return known.accessToken
}

function refreshes(relay: ScriptedRelay): chat.RefreshRequest[] {
  return relay.requests
    .filter(({ method }) => method === 'refresh')
    .map(({ request }) => request as chat.RefreshRequest)
}

describe('calls', () => {
  test('pass on the reason of a refusal, and do not repeat it', async () => {
    const { relay, calls } = await setup()
    relay.answers.set('findUsers', () => {
      throw new AppError('invalid', 'QUERY_TOO_SHORT', 'too short')
    })
    const found = calls.accounts.findUsers({ query: 'x' })
    await expect(found).rejects.toMatchObject({ kind: 'invalid', reason: 'QUERY_TOO_SHORT' })
    expect(relay.requests).toHaveLength(1)
  })

  test('repeat under the same request id while the server is busy, four times at most', async () => {
    const { relay, state } = await setup()
    let failures = 2
    relay.answers.set('refresh', () => {
      if ((failures -= 1) >= 0) throw new AppError('unavailable', 'BUSY', 'busy')
      return { credentials: relay.credentials(Buffer.alloc(16, 1), Buffer.alloc(16, 2)) }
    })
    expired(state)
    await opened(relay, state).accounts.findUsers()
    const ids = refreshes(relay).map(({ requestId }) => requestId.toString('hex'))
    expect(ids).toHaveLength(3)
    expect(new Set(ids).size).toBe(1)
    relay.answers.set('findUsers', () => {
      throw new AppError('unavailable', 'BUSY', 'busy')
    })
    relay.requests.length = 0
    state.saveLogin({ ...state.login()!, userId: state.login()!.userId })
    const calls = opened(relay, state)
    await expect(calls.accounts.findUsers()).rejects.toMatchObject({ reason: 'BUSY' })
    expect(relay.requests).toHaveLength(4)
  })

  test('take a new token once when theirs has expired', async () => {
    const { relay, state, calls } = await setup()
    const stale = state.login()!.accessToken
    const seen: string[] = []
    relay.answers.set('findUsers', (_request, token) => {
      seen.push(token)
      if (token === stale) throw new AppError('unauthenticated', 'TOKEN_EXPIRED', 'expired')
      return { users: [] }
    })
    await calls.accounts.findUsers()
    expect(seen).toEqual([stale, state.login()!.accessToken])
    relay.answers.set('findUsers', () => {
      throw new AppError('unauthenticated', 'TOKEN_EXPIRED', 'expired')
    })
    relay.requests.length = 0
    await expect(calls.accounts.findUsers()).rejects.toMatchObject({ reason: 'TOKEN_EXPIRED' })
    expect(relay.requests.map(({ method }) => method)).toEqual([
      'findUsers',
      'refresh',
      'findUsers',
    ])
  })

  test('exchange a refresh token once, however many processes of one home need it', async () => {
    const folder = await tempFolder()
    const states = [await openHome(folder), await openHome(folder), await openHome(folder)]
    const { relay } = await setup(states[0])
    expired(states[0]!)
    const callers = states.map((state) => opened(relay, state))
    await Promise.all(
      callers.flatMap((calls) => [calls.accounts.findUsers(), calls.accounts.findUsers()]),
    )
    expect(refreshes(relay)).toHaveLength(1)
    for (const state of states) state.close()
  })

  test('repeat an exchange whose answer was lost under the id it had', async () => {
    const { relay, state } = await setup()
    expired(state)
    relay.answers.set('refresh', () => {
      throw new AppError('internal', 'LOST', 'the answer was lost')
    })
    const calls = opened(relay, state)
    await expect(calls.accounts.findUsers()).rejects.toMatchObject({ reason: 'LOST' })
    relay.answers.delete('refresh')
    await opened(relay, state).accounts.findUsers()
    const [first, second] = refreshes(relay)
    expect(second).toEqual(first)
    expect(state.login()?.refreshRequestId).toBeUndefined()
  })

  test('use another server when one is away', async () => {
    const { relay, state } = await setup()
    const servers = ['127.0.0.1:1', relay.address]
    const { calls, close } = openCalls({ servers, state })
    await calls.accounts.findUsers()
    close()
  })

  test('say that no server is there', async () => {
    const { state } = await setup()
    const { calls, close } = openCalls({ servers: ['127.0.0.1:1'], state })
    await expect(calls.accounts.findUsers()).rejects.toMatchObject({ kind: 'unavailable' })
    close()
  })

  test('can be called off', async () => {
    const { relay, calls } = await setup()
    const stop = new AbortController()
    relay.answers.set('findUsers', () => {
      stop.abort()
      throw new AppError('unavailable', 'BUSY', 'busy')
    })
    const asking = calls.accounts.findUsers({}, { signal: stop.signal })
    await expect(asking).rejects.toThrow()
    expect(relay.requests).toHaveLength(1)
  })

  test('end when somebody else logs in from the same home', async () => {
    const { relay, state, calls } = await setup()
    loggedIn(relay, state, quickScheduler())
    await expect(calls.accounts.findUsers()).rejects.toMatchObject({ reason: 'LOGGED_OUT' })
  })

  test('log in under the device id that this home had for the name', async () => {
    const { relay, state } = await setup()
    const asked: string[] = []
    const user = Buffer.alloc(16, 5)
    const device = Buffer.alloc(16, 6)
    relay.answers.set('login', (request: chat.LoginRequest) => {
      asked.push(request.deviceId.toString('hex'))
      return { credentials: { ...relay.credentials(user, device), userName: 'Ann' } }
    })
    const options = { servers: [relay.address], state }
    const request = { name: 'ann', password: 'secret secret', deviceName: 'here' }
    await login(options, request)
    state.saveLogin(undefined)
    const begun = await login(options, request)
    expect(asked).toEqual(['', device.toString('hex')])
    expect(begun.accessExpiresAtMs).toBeGreaterThan(Date.now() + 800_000)
    await eventually(() => expect(state.login()).toEqual(begun))
  })
})
