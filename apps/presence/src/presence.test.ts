import { shardOf } from '@parley/bus'
import { keyMetadata, serviceKeyHeader } from '@parley/grpc-kit'
import { presence as wire } from '@parley/proto'
import { eventually } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { loadConfig } from './config.ts'
import { presenceLimits } from './limits.ts'
import { device, key, newId, openRelay, setup, statesOf } from './presence.fixture.ts'
import { startPresence } from './presence.ts'

const { OFFLINE, AWAY, ONLINE } = wire.State

describe('Report', () => {
  test('is answered with the number taken in and how often to report', async () => {
    const world = await setup()
    const relay = openRelay(world)
    relay.report()
    relay.report()
    await eventually(() => relay.answers.length === 2)
    const { heartbeatMs, leaseMs } = presenceLimits
    expect(relay.answers).toMatchObject([{ number: 1 }, { number: 2, heartbeatMs, leaseMs }])
    expect(relay.answers[0]?.instanceId).toHaveLength(16)
  })

  const good = device(newId(), ONLINE)
  test.each([
    ['ID_MALFORMED', 'a boot id of another length', { bootId: Buffer.alloc(15) }],
    [
      'ID_MALFORMED',
      'a user id of another length',
      { devices: [{ ...good, userId: newId().subarray(1) }] },
    ],
    ['ID_MALFORMED', 'no device id', { devices: [{ ...good, deviceId: Buffer.alloc(0) }] }],
    ['STATE_INVALID', 'no state', { devices: [{ ...good, state: wire.State.UNSPECIFIED }] }],
    ['STATE_INVALID', 'an unknown state', { devices: [{ ...good, state: 77 as wire.State }] }],
    ['RELAY_NAME_INVALID', 'no name', { relay: '' }],
    ['RELAY_NAME_INVALID', 'a long name', { relay: 'r'.repeat(65) }],
    ['REPORT_OUT_OF_ORDER', 'a negative number', { number: -1 }],
    ['SNAPSHOT_MISSING', 'no snapshot', { snapshot: false }],
    [
      'REPORT_TOO_LARGE',
      'too many devices',
      { devices: Array.from({ length: 1_001 }, () => good) },
    ],
  ])('is refused with %s: %s, and nothing of it is taken in', async (reason, _note, bad) => {
    const world = await setup()
    const relay = openRelay(world)
    relay.report({ devices: [good], ...bad })
    expect(await relay.ended).toBe(reason)
    expect(relay.answers).toEqual([])
    expect(await statesOf(world, [good.userId])).toEqual([OFFLINE])
  })

  test('a number beyond 2^53 and bytes that are no report are refused, and the process goes on', async () => {
    const world = await setup()
    const metadata = keyMetadata(serviceKeyHeader, key)
    const { path } = wire.PresenceService.report
    const call = (bytes: Buffer) =>
      new Promise<unknown>((resolve) => {
        const raw = (value: Buffer) => value
        const stream = world.client.makeBidiStreamRequest(path, raw, raw, metadata)
        stream.on('error', (error: Error & { metadata?: { get(name: string): unknown[] } }) =>
          resolve(error.metadata?.get('parley-reason')[0]),
        )
        stream.on('data', () => undefined)
        stream.write(bytes)
      })
    const huge = Buffer.from([0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])
    expect(await call(huge)).toBe('NUMBER_TOO_LARGE')
    expect(await call(Buffer.from([0x0a, 0xff]))).toBe('REQUEST_MALFORMED')
    expect(await statesOf(world, [newId()])).toEqual([OFFLINE])
  })

  test('a second stream of the same boot ends the first', async () => {
    const world = await setup()
    const first = openRelay(world)
    first.report()
    await eventually(() => first.answers.length === 1)
    const second = openRelay(world, 'relay', first.bootId)
    second.report()
    expect(await first.ended).toBe('STREAM_REPLACED')
    second.report()
    await eventually(() => second.answers.length === 2)
  })

  test('a newer boot of the relay shuts the older one out', async () => {
    const world = await setup()
    const older = openRelay(world)
    older.report()
    await eventually(() => older.answers.length === 1)
    const newer = openRelay(world)
    newer.report()
    await eventually(() => newer.answers.length === 1)
    older.report()
    expect(await older.ended).toBe('BOOT_REPLACED')
  })

  test('one relay more than the bound is refused', async () => {
    const world = await setup({ MAX_RELAYS: '1' })
    const first = openRelay(world, 'one')
    first.report()
    await eventually(() => first.answers.length === 1)
    const second = openRelay(world, 'two')
    second.report()
    expect(await second.ended).toBe('TOO_MANY_RELAYS')
  })

  test('streams that report nothing count against their bound and end after a lease', async () => {
    const world = await setup({ MAX_RELAYS: '1' })
    const silent = [openRelay(world), openRelay(world)]
    const third = openRelay(world)
    expect(await third.ended).toBe('TOO_MANY_STREAMS')
    expect(await silent[0]!.ended).toBe('LEASE_EXPIRED')
  }, 15_000)

  test('a relay that reads no answers is not answered without bound', async () => {
    const world = await setup()
    const relay = openRelay(world)
    relay.stream.pause()
    const user = newId()
    for (let i = 0; i < 20_000; i += 1) relay.report()
    relay.report({ devices: [device(user, ONLINE)] })
    // A busy machine takes long for so many.
    const patience = { timeoutMs: 60_000 }
    const isOnline = async () => (await statesOf(world, [user]))[0] === ONLINE
    await eventually(isOnline, patience)
    relay.stream.resume()
    await eventually(() => relay.answers.length > 0, patience)
    relay.report()
    await eventually(() => relay.answers.at(-1)?.number === 20_002, patience)
    // Most were left out; the last says all that they would have.
    expect(relay.answers.length).toBeLessThan(15_000)
  }, 200_000)
})

describe('GetSnapshot', () => {
  test('gives everybody who is not offline, page by page, with one revision', async () => {
    const world = await setup()
    const users = Array.from({ length: 25 }, () => newId())
    const relay = openRelay(world)
    relay.report({ devices: users.map((user) => device(user, AWAY)) })
    await eventually(async () => (await statesOf(world, users)).every((state) => state === AWAY))
    const seen: string[] = []
    const revisions = new Set<number>()
    let afterUserId = Buffer.alloc(0)
    for (let more = true; more;) {
      const page = await world.call.getSnapshot({ afterUserId, limit: 10, shards: [] })
      for (const user of page.users) seen.push(user.userId.toString('hex'))
      revisions.add(page.revision)
      afterUserId = Buffer.from(page.users.at(-1)!.userId)
      more = page.more
    }
    expect(seen.toSorted()).toEqual(users.map((user) => user.toString('hex')).toSorted())
    expect(revisions.size).toBe(1)
    const shards = [shardOf(users[0]!)]
    const some = await world.call.getSnapshot({ afterUserId: Buffer.alloc(0), limit: 0, shards })
    const expected = users.filter((user) => shardOf(user) === shards[0])
    expect(some.users).toHaveLength(expected.length)
  })

  test.each([
    ['LIMIT_INVALID', 'more than a page holds', { limit: 1_001 }],
    ['LIMIT_INVALID', 'less than nothing', { limit: -1 }],
    ['SHARD_INVALID', 'a shard that is none', { shards: [64] }],
    ['SHARD_INVALID', 'a negative shard', { shards: [-1] }],
    [
      'SHARD_INVALID',
      'more shards than there are',
      { shards: Array.from({ length: 65 }, () => 1) },
    ],
    ['ID_MALFORMED', 'half an id', { afterUserId: Buffer.alloc(8) }],
  ])('is refused with %s: %s', async (reason, _note, bad) => {
    const { call } = await setup()
    const request = { afterUserId: Buffer.alloc(0), limit: 0, shards: [], ...bad }
    await expect(call.getSnapshot(request)).rejects.toMatchObject({ kind: 'invalid', reason })
  })

  test('says that absence means nothing until every relay had the time to report', async () => {
    const { call } = await setup()
    const ask = () => call.getSnapshot({ afterUserId: Buffer.alloc(0), limit: 0, shards: [] })
    expect((await ask()).settled).toBe(false)
    await eventually(async () => (await ask()).settled)
  })
})

describe('Query', () => {
  test('answers for each user in the order asked, strangers as offline', async () => {
    const world = await setup()
    const [ann, bob] = [newId(), newId()]
    const relay = openRelay(world)
    relay.report({ devices: [device(ann, ONLINE), device(ann, AWAY)] })
    await eventually(async () => (await statesOf(world, [ann]))[0] === ONLINE)
    const answer = await world.call.query({ userIds: [bob, ann, bob] })
    expect(answer.users.map((user) => user.state)).toEqual([OFFLINE, ONLINE, OFFLINE])
    expect(answer.users.map((user) => user.userId)).toEqual([bob, ann, bob])
    expect(answer.users.map((user) => user.sinceMs > 0)).toEqual([false, true, false])
  })

  test.each([
    ['too-large', 'QUERY_TOO_LARGE', Array.from({ length: 1_001 }, () => newId())],
    ['invalid', 'ID_MALFORMED', [Buffer.alloc(3)]],
  ])('is refused as %s with %s', async (kind, reason, userIds) => {
    const { call } = await setup()
    await expect(call.query({ userIds })).rejects.toMatchObject({ kind, reason })
  })
})

describe('without the service key', () => {
  test.each([
    ['none', undefined],
    ['a wrong one', 'x'.repeat(32)],
  ])('every call is refused: %s', async (_note, wrong) => {
    const { connect } = await setup()
    const metadata = keyMetadata(wrong === undefined ? 'other' : serviceKeyHeader, wrong ?? key)
    const { call, client } = connect(metadata)
    const refusal = { kind: 'unauthenticated', reason: 'KEY_INVALID' }
    await expect(call.query({ userIds: [] })).rejects.toMatchObject(refusal)
    const page = { afterUserId: Buffer.alloc(0), limit: 0, shards: [] }
    await expect(call.getSnapshot(page)).rejects.toMatchObject(refusal)
    const stream = client.report(metadata)
    const error = await new Promise<{ code: number }>((resolve) => {
      stream.on('error', (one) => resolve(one as never))
      stream.on('data', () => undefined)
    })
    expect(error.code).toBe(16)
  })
})

describe('stopping', () => {
  test('ends the streams of relays with a reason, long before it would be killed', async () => {
    const world = await setup()
    const relay = openRelay(world)
    relay.report()
    await eventually(() => relay.answers.length === 1)
    const startedMs = performance.now()
    const closing = world.service.close()
    expect(await relay.ended).toBe('SHUTTING_DOWN')
    world.client.close()
    await closing
    expect(performance.now() - startedMs).toBeLessThan(9_000)
  })

  test('a port that is taken is one clear error', async () => {
    const { address, log } = await setup()
    const env = { INTERNAL_PORT: address.split(':')[1], INTERNAL_KEY: key, NATS_URL: 'memory:' }
    const starting = startPresence(loadConfig(env), log)
    await expect(starting).rejects.toMatchObject({ kind: 'conflict', reason: 'ADDRESS_IN_USE' })
  })
})
