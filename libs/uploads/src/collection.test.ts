import { Readable } from 'node:stream'
import { FakeScheduler, tempFolder } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import type { UploadStore } from './open-uploads.ts'
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

test('a run tells of what it took, not of what is held since it began', async () => {
  const { scheduler, store, blobs } = await setup()
  const taken = await upload(store, 'taken')
  await scheduler.advance(1)
  const spared = await upload(store, 'spared')
  await scheduler.advance(8 * dayMs)
  store.collection.allHeard()
  const deleteBlob = blobs.delete.bind(blobs)
  blobs.delete = (digest) => {
    store.files.applyHolds([{ id: spared.id, holder: 'c/1', held: true }], scheduler.now())
    return deleteBlob(digest)
  }
  expect(await store.collection.run()).toMatchObject({ files: 1, blobs: 1 })
  const left = [taken, spared].map(({ id }) => store.files.find(id)?.id)
  expect(left).toEqual([undefined, spared.id])
})

async function upload(store: UploadStore, text: string) {
  const { id } = await store.uploads.create(owner, { sizeBytes: text.length })
  const chunks = Readable.from([Buffer.from(text)])
  const { file } = await store.uploads.append(id, owner, 0, { chunks })
  return file!
}

async function setup() {
  const scheduler = new FakeScheduler()
  const { store, blobs } = await openStore(await tempFolder(), { scheduler })
  onTestFinished(() => store.close())
  return { scheduler, store, blobs }
}
