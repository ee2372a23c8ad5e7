import { once } from 'node:events'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { tempFolder } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { attachmentSet, setLimits } from './attachment-set.ts'

async function setup() {
  const root = await tempFolder()
  const folder = join(root, 'holiday')
  await mkdir(join(folder, 'day 2'), { recursive: true })
  await writeFile(join(folder, 'b.txt'), 'bb')
  await writeFile(join(folder, 'a.txt'), 'a')
  await writeFile(join(folder, 'day 2', 'c\u202E.txt'), 'ccc')
  return { root, folder }
}

test('a folder stands for its files, whose names begin with its own', async () => {
  const { root, folder } = await setup()
  await writeFile(join(root, 'alone.txt'), '')
  const { files } = await attachmentSet([`${folder}/`, join(root, 'alone.txt')], 'folders')
  expect(files.map(({ name, sizeBytes }) => [name, sizeBytes])).toEqual([
    ['holiday/a.txt', 1],
    ['holiday/b.txt', 2],
    ['holiday/day 2/c\u202E.txt', 3],
    ['alone.txt', 0],
  ])
})

test('links in a folder are named and not followed, even round in a circle', async () => {
  const { folder } = await setup()
  await symlink(folder, join(folder, 'day 2', 'up'))
  await symlink('/etc/hostname', join(folder, 'host'))
  const { files, links } = await attachmentSet([folder], 'folders')
  expect(files).toHaveLength(3)
  expect(links).toEqual([join(folder, 'day 2', 'up'), join(folder, 'host')])
})

test('what is neither file nor folder is refused', async () => {
  const { folder } = await setup()
  const server = createServer().listen(join(folder, 'socket'))
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  await expect(attachmentSet([folder], 'folders')).rejects.toMatchObject({ reason: 'NOT_A_FILE' })
  const alone = attachmentSet([join(folder, 'socket')], 'folders')
  await expect(alone).rejects.toMatchObject({ reason: 'NOT_A_FILE' })
})

test('a folder is refused where only files will do, and what is not there always', async () => {
  const { folder } = await setup()
  const refused = attachmentSet([folder], 'files-only')
  await expect(refused).rejects.toMatchObject({ reason: 'NOT_A_FILE' })
  const none = attachmentSet([join(folder, 'none')], 'folders')
  await expect(none).rejects.toMatchObject({ reason: 'NO_SUCH_FILE' })
})

test('more files than the limit are refused', async () => {
  const { folder } = await setup()
  const many = Array.from({ length: setLimits.files - 2 }, (_, at) => join(folder, `n${at}`))
  await Promise.all(many.map((path) => writeFile(path, '')))
  const refused = attachmentSet([folder], 'folders')
  await expect(refused).rejects.toMatchObject({ reason: 'TOO_MANY_FILES' })
})

test('folders deeper than the limit are refused, and so are names longer than theirs', async () => {
  const { root, folder } = await setup()
  const deep = join(folder, ...Array.from({ length: setLimits.depth }, () => 'd'))
  await mkdir(deep, { recursive: true })
  const refused = attachmentSet([folder], 'folders')
  await expect(refused).rejects.toMatchObject({ reason: 'FOLDER_TOO_DEEP' })
  const long = join(root, 'long')
  await mkdir(join(long, 'x'.repeat(100)), { recursive: true })
  const longest = join('x'.repeat(100), 'y'.repeat(setLimits.nameBytes - 'long/'.length - 101))
  await writeFile(join(long, longest), '')
  const taken = await attachmentSet([long], 'folders')
  expect(taken.files.map(({ name }) => Buffer.byteLength(name))).toEqual([255])
  await writeFile(join(long, `${longest}y`), '')
  const tooLong = attachmentSet([long], 'folders')
  await expect(tooLong).rejects.toMatchObject({ reason: 'NAME_TOO_LONG' })
})
