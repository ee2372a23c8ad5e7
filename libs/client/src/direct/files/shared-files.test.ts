import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chat } from '@parley/proto'
import { eventually, tempFolder } from '@parley/testkit'
import { expect, test } from 'vitest'
import { SharedFiles, identityAt, maxPieceBytes, maxShared } from './shared-files.ts'

const self = Buffer.alloc(16, 'ann')
const [here, elsewhere] = ['conversation one', 'conversation two']

function fileEntry(fileId: string, senderId = self): chat.Entry {
  return chat.Entry.fromPartial({
    senderId,
    content: { content: { $case: 'file', value: { fileId } } },
  })
}

function recallOf(targetSeq: number): chat.Entry {
  return chat.Entry.fromPartial({ content: { content: { $case: 'recall', value: { targetSeq } } } })
}

async function setup() {
  const path = join(await tempFolder(), 'notes.txt')
  const bytes = randomBytes(100_000)
  await writeFile(path, bytes)
  const files = new SharedFiles(self)
  const upload = async (fileId = 'f1') => files.uploaded(fileId, path, (await identityAt(path))!)
  await upload()
  const ask = { fileId: 'f1', offset: 50_000, size: 1_000 }
  return { path, bytes, files, upload, ask, part: bytes.subarray(50_000, 51_000) }
}

const nothing = Buffer.alloc(0)

test('a file is given in the conversation in which the log has it, and only there', async () => {
  const { files, ask, part } = await setup()
  expect(await files.read(here, ask)).toEqual(nothing)
  files.note(here, 7, [fileEntry('f1')])
  expect(await files.read(here, ask)).toEqual(part)
  expect(await files.read(elsewhere, ask)).toEqual(nothing)
  expect(await files.read(here, { ...ask, fileId: 'f2' })).toEqual(nothing)
})

test('an entry of somebody else gives away nothing, whatever file it names', async () => {
  const { files, ask } = await setup()
  files.note(here, 7, [fileEntry('f1', Buffer.alloc(16, 'bob'))])
  expect(await files.read(here, ask)).toEqual(nothing)
})

test('what was recalled is given no more', async () => {
  const { files, ask, part } = await setup()
  files.note(here, 7, [fileEntry('f1')])
  files.note(elsewhere, 7, [recallOf(7)])
  expect(await files.read(here, ask)).toEqual(part)
  files.note(here, 8, [recallOf(7)])
  expect(await files.read(here, ask)).toEqual(nothing)
})

test('in a conversation whose log begins anew a file is given once that has it again', async () => {
  const { files, ask, part } = await setup()
  for (const each of [here, elsewhere]) files.note(each, 7, [fileEntry('f1')])
  files.forget(here)
  expect(await files.read(here, ask)).toEqual(nothing)
  expect(await files.read(elsewhere, ask)).toEqual(part)
  files.note(here, 3, [fileEntry('f1')])
  expect(await files.read(here, ask)).toEqual(part)
})

test.each([
  ['before its beginning', { offset: -1, size: 10 }],
  ['beyond its end', { offset: 99_995, size: 10 }],
  ['of no bytes', { offset: 0, size: 0 }],
  ['of less than none', { offset: 10, size: -5 }],
  ['of more than one piece', { offset: 0, size: maxPieceBytes + 1 }],
])('no piece is given %s', async (_where, asked) => {
  const { files } = await setup()
  files.note(here, 7, [fileEntry('f1')])
  expect(await files.read(here, { fileId: 'f1', ...asked })).toEqual(nothing)
})

test('another file at the same path is not given, nor one that has changed or gone', async () => {
  const { files, upload, ask, path, bytes } = await setup()
  files.note(here, 7, [fileEntry('f1')])
  await utimes(path, 1, 1)
  expect(await files.read(here, ask)).toEqual(nothing)
  await upload()
  files.note(here, 7, [fileEntry('f1')])
  const other = `${path}.other`
  await writeFile(other, bytes)
  await utimes(other, 1, 1)
  await rename(other, path)
  expect(await files.read(here, ask)).toEqual(nothing)
  await rm(path)
  expect(await files.read(here, ask)).toEqual(nothing)
  expect(await identityAt(path)).toBeUndefined()
})

test('what was written while a file was uploaded is not given', async () => {
  const { files, ask, path, bytes } = await setup()
  const before = (await identityAt(path))!
  await writeFile(path, randomBytes(bytes.length))
  files.uploaded('f1', path, before)
  files.note(here, 7, [fileEntry('f1')])
  expect(await files.read(here, ask)).toEqual(nothing)
})

test('what has changed is not given although its time was set back', async () => {
  const { files, upload, ask, path, part, bytes } = await setup()
  await utimes(path, 1, 1)
  await upload()
  files.note(here, 7, [fileEntry('f1')])
  expect(await files.read(here, ask)).toEqual(part)
  const { ctimeMs } = await stat(path)
  await eventually(async () => {
    await writeFile(path, randomBytes(bytes.length))
    await utimes(path, 1, 1)
    expect((await stat(path)).ctimeMs).toBeGreaterThan(ctimeMs)
  })
  expect(await files.read(here, ask)).toEqual(nothing)
})

test('a pipe at the place of a file is not waited for', async () => {
  const { files, ask, path } = await setup()
  files.note(here, 7, [fileEntry('f1')])
  await rm(path)
  execFileSync('mkfifo', [path])
  expect(await files.read(here, ask)).toEqual(nothing)
})

test('the oldest of too many files is left to the file server', async () => {
  const { files, upload, ask, part } = await setup()
  files.note(here, 1, [fileEntry('f1')])
  for (let nth = 1; nth < maxShared; nth += 1) await upload(`later ${nth}`)
  expect(await files.read(here, ask)).toEqual(part)
  await upload('one more')
  expect(await files.read(here, ask)).toEqual(nothing)
})
