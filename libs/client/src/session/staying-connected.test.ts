import { AppError } from '@parley/errors'
import { systemScheduler } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { idText } from '../ids.ts'
import { MemoryState } from '../state/memory-state.ts'
import { loggedIn, quickScheduler, startClient, startRelay, text } from '../testing/world.ts'
import type { Watched } from '../testing/world.ts'
import { connect } from './chat-session.ts'

function states({ events }: Watched): string[] {
  return events.flatMap((event) => (event.type === 'connection' ? [event.connection.state] : []))
}

describe('staying connected', () => {
  test('comes back by itself when its server was away', async () => {
    const relay = await startRelay()
    const { id } = relay.log.open()
    const one = startClient(relay)
    await one.client.caughtUp()
    await relay.stop()
    await eventually(() => expect(one.client.connection.state).toBe('offline'))
    const sending = one.client.send({ conversationId: idText(id) }, text('x'))
    await relay.start()
    expect((await sending).state).toBe('accepted')
    expect(states(one)).toContain('offline')
  })

  test('uses another server when one is away', async () => {
    const [first, second] = [await startRelay(), await startRelay()]
    const servers = [first.address, second.address]
    const one = startClient(first, { servers })
    await one.client.online()
    await first.stop()
    await eventually(() => expect(second.open).toHaveLength(1))
    await one.client.caughtUp()
    expect(one.client.connection).toMatchObject({ state: 'caught-up', server: second.address })
  })

  test('gives up a server that does not answer its hello within 10 s', async () => {
    const [mute, good] = [await startRelay(), await startRelay()]
    mute.script.intercept = () => true
    const one = startClient(mute, {
      servers: [mute.address, good.address],
      scheduler: quickScheduler(),
    })
    await one.client.caughtUp()
    expect(one.client.connection).toMatchObject({ server: good.address })
  })

  test('gives up a server that has gone silent 15 s after a ping', async () => {
    const relay = await startRelay()
    relay.script.welcome = { heartbeatMs: 5_000 }
    const one = startClient(relay, { scheduler: quickScheduler() })
    await one.client.caughtUp()
    const [stream] = relay.open
    await eventually(() =>
      expect(stream!.commands.some((each) => each.$case === 'ping')).toBe(true),
    )
    expect(relay.streams).toHaveLength(1)
    relay.script.intercept = (command) => command.$case === 'ping'
    await eventually(() => expect(relay.streams.length).toBeGreaterThan(1))
    const lost = one.events.find(
      (event) => event.type === 'connection' && event.connection.state === 'offline',
    )
    expect(lost).toMatchObject({ connection: { reason: 'HEARTBEAT_MISSED' } })
  })

  test.each([
    ['REPLACED', 'conflict'],
    ['REVOKED', 'unauthenticated'],
    ['DISABLED', 'unauthenticated'],
  ])('stops for good when it is kicked as %s', async (reason, kind) => {
    const relay = await startRelay()
    const one = startClient(relay)
    const events = one.client.events()
    await one.client.caughtUp()
    relay.open[0]!.tell({ $case: 'kicked', value: { reason } })
    const told = []
    for await (const event of events) told.push(event)
    expect(told.at(-1)).toMatchObject({ connection: { state: 'stopped', reason } })
    const sending = one.client.send({ userId: one.client.login.userId }, text('x'))
    await expect(sending).rejects.toMatchObject({ kind, reason })
    await expect(one.client.online()).rejects.toMatchObject({ reason })
    expect(relay.streams).toHaveLength(1)
  })

  test('takes a new token when it is kicked because its own has expired', async () => {
    const relay = await startRelay()
    const one = startClient(relay)
    await one.client.caughtUp()
    relay.open[0]!.tell({ $case: 'kicked', value: { reason: 'TOKEN_EXPIRED' } })
    await eventually(() => expect(relay.streams).toHaveLength(2))
    await one.client.caughtUp()
    expect(relay.requests.filter((each) => each.method === 'refresh')).toHaveLength(1)
  })

  test('renews its token in the stream before it ends', async () => {
    const relay = await startRelay()
    relay.script.tokenMs = 120_000
    startClient(relay, { scheduler: quickScheduler() })
    const renews = () => relay.streams[0]?.commands.filter((each) => each.$case === 'renew') ?? []
    await eventually(() => expect(renews().length).toBeGreaterThanOrEqual(2))
    expect(new Set(renews().map(({ value }) => value.accessToken)).size).toBe(renews().length)
    expect(relay.streams).toHaveLength(1)
  })

  test('stops when its login has ended, and keeps what it had to send', async () => {
    const relay = await startRelay()
    relay.answers.set('refresh', () => {
      throw new AppError('unauthenticated', 'REFRESH_REUSED', 'this login has ended')
    })
    const one = startClient(relay)
    const { id } = relay.log.open()
    await one.client.caughtUp()
    relay.script.intercept = (command) => command.$case === 'send'
    const sending = one.client.send({ conversationId: idText(id) }, text('x'))
    relay.open[0]!.tell({ $case: 'kicked', value: { reason: 'TOKEN_EXPIRED' } })
    await expect(sending).rejects.toMatchObject({ reason: 'REFRESH_REUSED' })
    expect(one.client.connection).toMatchObject({ state: 'stopped', reason: 'REFRESH_REUSED' })
    expect(one.state.account(one.client.login.userId).outbox(0)).toHaveLength(1)
  })

  test('backs off from a server that takes it in and fails at once', async () => {
    const relay = await startRelay()
    relay.script.intercept = (command, stream) => {
      if (command.$case === 'hello') setImmediate(() => stream.cut())
      return false
    }
    const one = startClient(relay, { scheduler: quickScheduler() })
    const waits = () =>
      one.events.flatMap((event) =>
        event.type === 'connection' && event.connection.state === 'offline'
          ? [event.connection.retryInMs]
          : [],
      )
    await eventually(() => expect(waits().length).toBeGreaterThan(8))
    expect(Math.max(...waits())).toBeLessThanOrEqual(10_000)
    expect(Math.max(...waits())).toBeGreaterThan(1_000)
  })

  test('says that no server can be reached', async () => {
    const relay = await startRelay()
    const one = startClient(relay, { servers: ['127.0.0.1:1', '127.0.0.1:2'] })
    await expect(one.client.online()).rejects.toMatchObject({
      kind: 'unavailable',
      reason: 'UNREACHABLE',
    })
  })

  test('allows one lasting session for each home, and transient ones beside it', async () => {
    const relay = await startRelay()
    const state = new MemoryState()
    const lasting = startClient(relay, { state })
    const options = { servers: [relay.address], state }
    expect(() => connect(options)).toThrow(expect.objectContaining({ reason: 'HOME_IN_USE' }))
    const beside = startClient(relay, { state, transient: true })
    await beside.client.online()
    await lasting.client.close()
    const next = startClient(relay, { state })
    await next.client.online()
  })

  test.each([
    ['10.0.0.1:20000', 'PLAINTEXT_REFUSED'],
    ['nowhere', 'SERVER_MALFORMED'],
    ['127.0.0.1:99999', 'SERVER_MALFORMED'],
  ])('refuses to connect to %s: %s', (server, reason) => {
    const state = new MemoryState()
    state.saveLogin({
      userId: idText(Buffer.alloc(16)),
      userName: 'a',
      deviceId: idText(Buffer.alloc(16)),
      accessToken: '',
      accessExpiresAtMs: 0,
      refreshToken: '',
    })
    const connecting = () => connect({ servers: [server], state })
    expect(connecting).toThrow(expect.objectContaining({ reason }))
  })

  test('needs somebody to be logged in', () => {
    const connecting = () => connect({ servers: ['127.0.0.1:1'], state: new MemoryState() })
    expect(connecting).toThrow(expect.objectContaining({ reason: 'LOGGED_OUT' }))
  })

  test('leaves no timer and no session behind when it is closed', async () => {
    const relay = await startRelay()
    const timers = new Set<object>()
    const scheduler = systemScheduler
    const counting = {
      ...scheduler,
      setTimer(delayMs: number, fn: () => void) {
        const key = {}
        timers.add(key)
        const timer = scheduler.setTimer(delayMs, () => {
          timers.delete(key)
          fn()
        })
        return {
          cancel() {
            timers.delete(key)
            timer.cancel()
          },
        }
      },
    }
    const state = new MemoryState()
    loggedIn(relay, state, scheduler)
    const conversation = relay.log.open()
    const one = startClient(relay, { state, scheduler: counting })
    await one.client.send({ conversationId: idText(conversation.id) }, text('x'))
    await one.client.close()
    await eventually(() => expect(relay.open).toHaveLength(0))
    expect(timers.size).toBe(0)
  })
})
