import { keyMetadata, openClient, serviceKeyHeader } from '@parley/grpc-kit'
import { common, files } from '@parley/proto'
import { tempFolder } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { upload } from './testing/http.ts'
import { alice } from './testing/relay.ts'
import { internalKey, startWorld } from './testing/world.ts'

test('applies holds, names what is missing, and bears repetition', async () => {
  const { holds, id } = await setup()
  const changes = [
    { id, holder: 'c/1', held: true },
    { id: 'z'.repeat(32), holder: 'c/1', held: true },
  ]
  expect(await holds.call.apply({ changes, complete: false })).toEqual({
    missing: ['z'.repeat(32)],
  })
  expect(await holds.call.apply({ changes, complete: false })).toEqual({
    missing: ['z'.repeat(32)],
  })
  expect(await holds.call.apply({ changes: [], complete: false })).toEqual({ missing: [] })
})

test.each([
  [{ id: '', holder: 'c/1' }, 'no id'],
  [{ id: 'x'.repeat(65), holder: 'c/1' }, 'an id too long'],
  [{ id: 'x', holder: '' }, 'no holder'],
  [{ id: 'x', holder: 'c'.repeat(129) }, 'a holder too long'],
])('refuses a hold of %j: %s', async (change) => {
  const { holds } = await setup()
  const applying = holds.call.apply({ changes: [{ ...change, held: true }], complete: true })
  await expect(applying).rejects.toMatchObject({ kind: 'invalid', reason: 'HOLD_INVALID' })
})

test('takes 1,000 changes at once and refuses one more', async () => {
  const { holds, id } = await setup()
  const changes = Array.from({ length: 1_000 }, (_, i) => ({ id, holder: `c/${i}`, held: true }))
  expect(await holds.call.apply({ changes, complete: false })).toEqual({ missing: [] })
  const tooMany = holds.call.apply({
    changes: [...changes, { id, holder: 'c/x', held: true }],
    complete: false,
  })
  await expect(tooMany).rejects.toMatchObject({ reason: 'HOLD_INVALID' })
})

test('says how much is stored', async () => {
  const { usage } = await setup()
  expect(await usage.call.getUsage({})).toEqual({ blobs: 1, bytes: 5, unfinishedUploads: 0 })
})

test('opens for services only', async () => {
  const { internal } = await setup()
  const metadata = keyMetadata(serviceKeyHeader, 'x'.repeat(32))
  const refusal = { kind: 'unauthenticated', reason: 'KEY_INVALID' }
  const holds = openClient(common.HoldsClient, internal, { metadata })
  const keys = openClient(common.SigningKeysClient, internal)
  const usage = openClient(files.FilesClient, internal, { metadata })
  onTestFinished(() => [holds, keys, usage].forEach((client) => client.close()))
  await expect(holds.call.apply({ changes: [], complete: false })).rejects.toMatchObject(refusal)
  await expect(keys.call.list({})).rejects.toMatchObject(refusal)
  await expect(usage.call.getUsage({})).rejects.toMatchObject(refusal)
})

async function setup() {
  const { root, relay, server, internal } = await startWorld(await tempFolder())
  const { id } = await upload(root, await relay.access(alice), Buffer.from('hello'))
  const metadata = keyMetadata(serviceKeyHeader, internalKey)
  const holds = openClient(common.HoldsClient, internal, { metadata })
  const usage = openClient(files.FilesClient, internal, { metadata })
  onTestFinished(async () => {
    holds.close()
    usage.close()
    await server.close()
  })
  return { holds, usage, internal, id }
}
