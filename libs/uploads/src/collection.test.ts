import { FakeScheduler, tempFolder } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { openStore } from './testing/world.ts'

const owner = 'user-a'
const dayMs = 24 * 3_600_000

test('a file whose upload took longer than a file is kept for is kept as long as any', async () => {
  const { scheduler, store } = await setup()
  const { id } = await store.uploads.create(owner, { sizeBytes: 4 })
  const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const slowly = async function* () {
    yield Buffer.from('sl')
    begun.resolve()
    await goOn.promise
    yield Buffer.from('ow')
  }
  const appending = store.uploads.append(id, owner, 0, { chunks: slowly() })
  await begun.promise
  await scheduler.advance(8 * dayMs)
  goOn.resolve()
  const { file } = await appending
  await scheduler.advance(7 * dayMs - 1)
  store.collection.allHeard()
  expect((await store.collection.run()).files).toBe(0)
  await scheduler.advance(1)
  store.collection.allHeard()
  expect((await store.collection.run()).files).toBe(1)
  expect(store.files.find(file!.id)).toBeUndefined()
})

async function setup() {
  const scheduler = new FakeScheduler()
  const { store, blobs } = await openStore(await tempFolder(), { scheduler })
  onTestFinished(() => store.close())
  return { scheduler, store, blobs }
}
