import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { MemoryBlobStore, digestBytes } from '@parley/blob-store'
import { FakeScheduler, tempFolder } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { FileRows } from '../file-rows.ts'
import { openIndex } from '../open-index.ts'
import type { StoredFile } from '../stored-file.ts'
import type { FileRecord, FileRecords } from './file-records.ts'
import { FileShelf } from './file-shelf.ts'
import { RecordChanges } from './record-changes.ts'

test('finds a file that another server has, and opens its blobs there', async () => {
  const world = new World()
  const [one, two] = [await world.server('one'), await world.server('two')]
  const file = await one.add('hello')
  const found = await two.shelf.find(file.id)
  expect(found?.file).toEqual(file)
  const blob = await found?.blobs.open(file.variants[0]!.digest)
  expect(blob?.sizeBytes).toBe(5)
})

test('tells of a file when it is settled, and not again', async () => {
  const world = new World()
  const one = await world.server('one')
  const file = await one.add('hello')
  await one.shelf.settle(file.id)
  await one.shelf.settleListed(100)
  expect(world.written).toEqual([file.id])
})

test('leaves a file listed whose record could not be written, and settles it later', async () => {
  const world = new World()
  const [one, two] = [await world.server('one'), await world.server('two')]
  world.isAway = true
  await expect(one.add('hello')).rejects.toThrow('away')
  world.isAway = false
  await one.shelf.settleListed(100)
  expect(await two.shelf.find('file-hello')).toBeDefined()
})

test('withdraws the record of a file that is forgotten', async () => {
  const world = new World()
  const [one, two] = [await world.server('one'), await world.server('two')]
  const { id } = await one.add('hello')
  one.rows.deleteUnheld(id, 0)
  expect(await one.shelf.find(id)).toBeUndefined()
  await one.shelf.settle(id)
  expect(await two.shelf.find(id)).toBeUndefined()
})

test('asks for a record once, and for one that is not there again after 3 s', async () => {
  const world = new World()
  const [one, two] = [await world.server('one'), await world.server('two')]
  for (let i = 0; i < 5; i += 1) expect(await two.shelf.find('file-late')).toBeUndefined()
  expect(world.asked).toBe(1)
  await one.add('late')
  expect(await two.shelf.find('file-late')).toBeUndefined()
  await world.scheduler.advance(3_001)
  for (let i = 0; i < 5; i += 1) expect(await two.shelf.find('file-late')).toBeDefined()
  expect(world.asked).toBe(2)
})

test('does not serve what another server has collected, though it knew the file', async () => {
  const world = new World()
  const [one, two] = [await world.server('one'), await world.server('two')]
  const file = await one.add('hello')
  await two.shelf.find(file.id)
  one.rows.deleteUnheld(file.id, 0)
  await one.shelf.settle(file.id)
  await one.blobs.delete(file.variants[0]!.digest)
  const known = await two.shelf.find(file.id)
  await expect(known?.blobs.open(file.variants[0]!.digest)).rejects.toMatchObject({
    reason: 'NOT_FOUND',
  })
  expect(await two.shelf.find(file.id)).toBeUndefined()
})

test('without neighbours knows its own files alone, and keeps no list', async () => {
  const folder = await tempFolder()
  const db = openIndex(folder)
  onTestFinished(() => void db.close())
  const files = new FileRows(db)
  const blobs = new MemoryBlobStore()
  const rest = { neighbours: undefined, changes: undefined }
  const shelf = new FileShelf({ files, blobs, scheduler: new FakeScheduler(), ...rest })
  db.transaction(() => files.insert(fileOf('own', digestBytes(Buffer.from('own'))), 0))()
  await shelf.settle('file-own')
  expect((await shelf.find('file-own'))?.file.id).toBe('file-own')
  expect(await shelf.find('file-other')).toBeUndefined()
  expect(db.prepare('SELECT count(*) FROM record_changes').pluck().get()).toBe(0)
})

/** Servers around one set of records, each with blobs that all can read. */
class World {
  readonly scheduler = new FakeScheduler()
  readonly written: string[] = []
  asked = 0
  isAway = false
  readonly #records = new Map<string, FileRecord>()
  readonly #blobs = new Map<string, MemoryBlobStore>()

  async server(serverId: string) {
    const folder = await tempFolder()
    const db = openIndex(folder)
    onTestFinished(() => void db.close())
    const blobs = new MemoryBlobStore()
    this.#blobs.set(serverId, blobs)
    const records = this.#recordsOf(serverId)
    const changes = new RecordChanges(db, records)
    const rows = new FileRows(db, undefined, (id) => changes.add(id))
    const blobsOf = (id: string) => this.#blobs.get(id) ?? new MemoryBlobStore()
    const neighbours = { serverId, records, blobsOf }
    const { scheduler } = this
    const shelf = new FileShelf({ files: rows, blobs, scheduler, neighbours, changes })
    const add = async (text: string) => {
      const incoming = path.join(folder, 'incoming')
      await writeFile(incoming, text)
      const file = fileOf(text, digestBytes(Buffer.from(text)))
      await blobs.put(incoming, file.variants[0]!.digest)
      db.transaction(() => rows.insert(file, 0))()
      await shelf.settle(file.id)
      return file
    }
    return { rows, blobs, shelf, add }
  }

  #recordsOf(serverId: string): FileRecords {
    return {
      write: async (file) => {
        if (this.isAway) throw new Error('away')
        this.written.push(file.id)
        this.#records.set(file.id, { serverId, file })
      },
      find: async (id) => {
        this.asked += 1
        return this.#records.get(id)
      },
      remove: async (id) => void this.#records.delete(id),
    }
  }
}

function fileOf(text: string, digest: string): StoredFile {
  const variant = { variant: 'full', digest, sizeBytes: text.length, type: 'text/plain' }
  const common = { owner: 'user-a', name: undefined, createdMs: 0, facts: {} }
  return { id: `file-${text}`, ...common, variants: [variant] }
}
