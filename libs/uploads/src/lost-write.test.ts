import { Readable } from 'node:stream'
import { tempFolder } from '@parley/testkit'
import { expect, test } from 'vitest'
import { isLostWrite } from './lost-write.ts'
import { openStore } from './testing/world.ts'

test.each([
  [true, 'a failed sync', { code: 'EIO', syscall: 'fdatasync' }],
  [true, 'a failed write', { code: 'EIO', syscall: 'write' }],
  [true, 'a failed sync of the index', { code: 'SQLITE_IOERR_FSYNC' }],
  [false, 'an unreadable sector', { code: 'EIO', syscall: 'read' }],
  [false, 'an unreadable page of the index', { code: 'SQLITE_IOERR_READ' }],
  [false, 'a full disk', { code: 'ENOSPC', syscall: 'write' }],
  [false, 'a full disk under the index', { code: 'SQLITE_FULL' }],
  [false, 'anything else', {}],
])('%s: %s', (isLost, _, facts) => {
  expect(isLostWrite(Object.assign(new Error('failed'), facts))).toBe(isLost)
})

test('an upload whose finishing the disk has failed is told of as lost', async () => {
  const lost: Error[] = []
  const failure = Object.assign(new Error('i/o error'), { code: 'EIO', syscall: 'fsync' })
  const { store } = await openStore(await tempFolder(), {
    finish: () => Promise.reject(failure),
    lost: (error) => void lost.push(error),
  })
  const upload = await store.uploads.create('ann', { sizeBytes: 3 })
  const body = { chunks: Readable.from([Buffer.from('abc')]) }
  await expect(store.uploads.append(upload.id, 'ann', 0, body)).rejects.toThrow('i/o error')
  expect(lost).toEqual([failure])
  store.close()
})
