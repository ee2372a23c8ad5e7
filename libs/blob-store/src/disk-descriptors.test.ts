import fs from 'node:fs'
import { readdir, rename, unlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { tempFolder } from '@parley/testkit'
import { expect, test } from 'vitest'
import { DiskDescriptors } from './disk-descriptors.ts'

test('opens a file once for all its readers, together and one after the other', async () => {
  const { descriptors, put } = await setup()
  const place = await put('a', 'some bytes')
  const [one, two] = await Promise.all([
    descriptors.take('a', place),
    descriptors.take('a', place).then(async (held) => held),
  ])
  await one!.release()
  await two!.release()
  const again = await descriptors.take('a', place)
  const last = await descriptors.take('a', place)
  expect(last!.fd).toBe(again!.fd)
  expect(textOf(again!.fd)).toBe('some bytes')
  await again!.release()
  await last!.release()
})

test('answers undefined for a file that is not there', async () => {
  const { descriptors, folder } = await setup()
  expect(await descriptors.take('a', path.join(folder, 'a'))).toBeUndefined()
})

test('reads a file that was put in place of another, also behind its back', async () => {
  const { descriptors, put, folder } = await setup()
  const place = await put('a', 'old')
  const before = await descriptors.take('a', place)
  await rename(await put('b', 'newer'), place)
  const after = await descriptors.take('a', place)
  expect([textOf(before!.fd), textOf(after!.fd), after!.sizeBytes]).toEqual(['old', 'newer', 5])
  await before!.release()
  await after!.release()
  await unlink(path.join(folder, 'a'))
  expect(await descriptors.take('a', place)).toBeUndefined()
})

test('lets a forgotten file be read by who has it, and closes it then', async () => {
  const { descriptors, put } = await setup()
  const place = await put('a', 'some bytes')
  const held = await descriptors.take('a', place)
  descriptors.forget('a')
  expect(textOf(held!.fd)).toBe('some bytes')
  await held!.release()
  expect(() => fs.fstatSync(held!.fd)).toThrow('EBADF')
})

test('keeps at most 256 files open that nobody reads', async () => {
  const { descriptors, put, folder } = await setup()
  const count = async () => {
    const links = (await readdir('/proc/self/fd')).map((fd) => linkOf(`/proc/self/fd/${fd}`))
    return links.filter((link) => link.startsWith(folder)).length
  }
  for (let i = 0; i < 300; i += 1) {
    const held = await descriptors.take(`f${i}`, await put(`f${i}`, 'x'))
    await held!.release()
  }
  expect(await count()).toBeLessThanOrEqual(256)
  const held = await Promise.all(
    Array.from({ length: 300 }, (_, i) => descriptors.take(`f${i}`, path.join(folder, `f${i}`))),
  )
  expect(await count()).toBe(300)
  for (const each of held) await each!.release()
  expect(await count()).toBeLessThanOrEqual(256)
  descriptors.closeIdle()
  expect(await count()).toBe(0)
})

async function setup() {
  const folder = await tempFolder()
  const put = async (name: string, text: string) => {
    const place = path.join(folder, name)
    await writeFile(place, text)
    return place
  }
  return { folder, put, descriptors: new DiskDescriptors() }
}

function textOf(fd: number): string {
  const bytes = Buffer.alloc(100)
  return bytes.toString('utf8', 0, fs.readSync(fd, bytes, 0, 100, 0))
}

function linkOf(place: string): string {
  try {
    return fs.readlinkSync(place)
  } catch {
    return ''
  }
}
