import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { digestBytes, parseS3Url } from '@parley/blob-store'
import { createLogger, systemScheduler } from '@parley/service-kit'
import { eventually, startFakeS3, tempFolder } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { openStorage } from './open-storage.ts'

test('a delete that a server had begun when it ended takes nothing that it stores afterwards', async () => {
  const dataFolder = await tempFolder()
  const bucket = await startFakeS3()
  onTestFinished(() => bucket.close())
  const open = async () => {
    const s3 = parseS3Url(bucket.url)
    if (typeof s3 === 'string') throw new Error(s3)
    const log = createLogger('file-server', 'silent')
    const place = { s3, allowPlaintext: false, folder: path.join(dataFolder, 'blobs'), dataFolder }
    return openStorage({ ...place, service: 'file-server', scheduler: systemScheduler, log })
  }
  const bytes = Buffer.from('sent once more')
  const digest = digestBytes(bytes)
  const file = path.join(dataFolder, 'part')
  await writeFile(file, bytes)

  const before = await open()
  await before.blobs.put(file, digest)
  bucket.fail({ on: 'DELETE', does: { kind: 'late', breaks: false } })
  before.blobs.delete(digest).catch(() => undefined)
  await eventually(() => bucket.requests.at(-1)?.startsWith('DELETE') === true)
  before.close()

  const after = await open()
  onTestFinished(() => after.close())
  await after.blobs.put(file, digest)
  expect(bucket.carryOutLate()).toBe(1)
  const blob = await after.blobs.open(digest)
  expect(blob && (await buffer(blob.stream(0, bytes.length)))).toEqual(bytes)
  await blob?.close()
})
