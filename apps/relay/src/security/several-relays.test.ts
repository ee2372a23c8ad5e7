import { join } from 'node:path'
import { RemoteKeySet, Verifier, verifyAccessToken } from '@parley/auth'
import { openSigningKeys } from '@parley/grpc-kit'
import { chat } from '@parley/proto'
import { eventually, recordingLogger, tempFolder } from '@parley/testkit'
import { startMariadb } from '@parley/testkit/mariadb'
import { expect, onTestFinished, test } from 'vitest'
import { internalKey, startRelayWorld } from '../testing/relay-world.ts'

async function setup() {
  const mariadb = await startMariadb()
  onTestFinished(() => mariadb.close())
  const env = { MYSQL_URL: mariadb.url() }
  const relay = async () => {
    const world = await startRelayWorld(await tempFolder(), { ...env, DRAIN_MS: '0' })
    onTestFinished(() => world.close())
    return world
  }
  return { relay }
}

/** The keys of the relays as a file server has them, which knows the address of one relay. */
async function keysAt(address: string) {
  const peer = openSigningKeys(address, internalKey)
  onTestFinished(() => peer.close())
  const cacheFile = join(await tempFolder(), 'relay-keys.json')
  const { log } = recordingLogger()
  const keys = new RemoteKeySet({ issuer: 'relay', fetch: () => peer.fetch(), cacheFile, log })
  onTestFinished(() => keys.close())
  await keys.start()
  return new Verifier(keys)
}

test('what one relay gives out every other one takes, also one that was there before it', async () => {
  const { relay } = await setup()
  const first = await relay()
  const files = await keysAt(first.internalAddress)
  const ann = await first.register('ann')
  await verifyAccessToken(files, ann.credentials.accessToken, 'files')
  const second = await relay()
  const bob = await second.register('bob')
  const { accessToken, refreshToken } = bob.credentials

  expect((await first.bearer(accessToken).accounts.listDevices()).devices).toHaveLength(1)
  // The file server asks again for a key that it does not know, at most once in 5 s.
  await eventually(() => verifyAccessToken(files, accessToken, 'files'), {
    timeoutMs: 10_000,
    everyMs: 100,
  })

  const renewed = await first.nobody.accounts.refresh({ refreshToken })
  const { credentials = chat.Credentials.create() } = renewed
  expect(Buffer.compare(credentials.deviceId, bob.credentials.deviceId)).toBe(0)
  const devices = await second.bearer(credentials.accessToken).accounts.listDevices()
  expect(devices.devices).toHaveLength(1)
}, 60_000)

test('a login that one relay has ended is refused by the other within a second or so', async () => {
  const { relay } = await setup()
  const [first, second] = await Promise.all([relay(), relay()])
  const ann = await first.register('ann')
  const there = second.bearer(ann.credentials.accessToken).accounts
  await there.listDevices()
  await ann.accounts.logout()
  await eventually(
    () => expect(there.listDevices()).rejects.toMatchObject({ reason: 'LOGIN_ENDED' }),
    {
      timeoutMs: 2_000,
      everyMs: 100,
    },
  )
}, 60_000)
