import { chmod, readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { tempFolder } from '@parley/testkit'
import { expect, test } from 'vitest'
import { PartFile } from './part-file.ts'
import { writeAll } from './write-all.ts'

test('what a nearly full disk takes in pieces is written to the end, without a hole', async () => {
  const written = Buffer.alloc(13)
  const write = async (bytes: Buffer, offset: number, length: number, position: number) => {
    const bytesWritten = Math.min(length, 3)
    bytes.copy(written, position, offset, offset + bytesWritten)
    return { bytesWritten }
  }
  await writeAll({ write }, Buffer.from('0123456789'), 3)
  expect(written.toString()).toBe('\0\0\u00000123456789')
})

test('a disk that takes nothing is full', async () => {
  const write = async () => ({ bytesWritten: 0 })
  const writing = writeAll({ write }, Buffer.from('x'), 0)
  await expect(writing).rejects.toMatchObject({ code: 'ENOSPC' })
})

test('a file is finished in a folder that may not be read', async () => {
  const folder = await tempFolder()
  const part = new PartFile(path.join(folder, 'report.txt'))
  await part.write(
    Readable.from([Buffer.from('hel'), Buffer.from('lo')]),
    0,
    false,
    () => undefined,
  )
  await chmod(folder, 0o300)
  await part.finish()
  await chmod(folder, 0o700)
  expect(await readdir(folder)).toEqual(['report.txt'])
  expect(await readFile(part.path, 'utf8')).toBe('hello')
})
