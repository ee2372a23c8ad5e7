import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readFile, readdir, rmdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually, tempFolder } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  dataFolder,
  lockFolder,
  readIfThere,
  readOrCreateFile,
  sharedKey,
  writeFileDurably,
} from './index.ts'

const modeOf = async (path: string) => (await stat(path)).mode & 0o777

describe('dataFolder', () => {
  test('is made, for the owner alone, and left empty', async () => {
    const folder = await dataFolder(join(await tempFolder(), 'a', 'b'))
    expect(await modeOf(folder)).toBe(0o700)
    expect(await readdir(folder)).toEqual([])
  })

  test('closes an existing folder to others', async () => {
    const path = join(await tempFolder(), 'open')
    await mkdir(path)
    await chmod(path, 0o755)
    expect(await modeOf(await dataFolder(path))).toBe(0o700)
  })

  test('a path that cannot be a folder is refused by name', async () => {
    const path = join(await tempFolder(), 'file')
    await writeFile(path, '')
    const refused = await dataFolder(join(path, 'below')).catch((error: unknown) => error)
    expect(refused).toMatchObject({ kind: 'precondition', reason: 'FOLDER_NOT_WRITABLE' })
    expect((refused as Error).message).toContain(path)
  })

  test('a folder that takes no files is refused, also for root', async () => {
    await expect(dataFolder('/proc/self')).rejects.toMatchObject({ reason: 'FOLDER_NOT_WRITABLE' })
  })
})

describe('lockFolder', () => {
  test('the second taker is told who has it, and gets it after the release', async () => {
    const folder = await tempFolder()
    const lock = lockFolder(folder)
    expect(() => lockFolder(folder)).toThrow(
      expect.objectContaining({
        kind: 'conflict',
        reason: 'FOLDER_IN_USE',
        message: `the data folder ${folder} is in use by process ${process.pid}; one process only may have it`,
      }),
    )
    lock.release()
    lock.release()
    lockFolder(folder).release()
  })

  test('another process is kept out, and its kill -9 leaves the folder free', async () => {
    const folder = await tempFolder()
    const other = spawn(process.execPath, [join(import.meta.dirname, 'lock.fixture.ts'), folder])
    onTestFinished(() => void other.kill('SIGKILL'))
    await once(other.stdout, 'data')
    expect(() => lockFolder(folder)).toThrow(`in use by process ${other.pid}`)
    other.kill('SIGKILL')
    await once(other, 'exit')
    const lock = await eventually(() => lockFolder(folder))
    lock.release()
  })

  test('a taker that cannot say who it is has taken nothing', async () => {
    const folder = await tempFolder()
    await mkdir(join(folder, 'lock.pid'))
    expect(() => lockFolder(folder)).toThrow('EISDIR')
    await rmdir(join(folder, 'lock.pid'))
    lockFolder(folder).release()
  })

  test.each([
    { note: 'a lock that is none', spoil: (path: string) => writeFile(path, 'x'.repeat(4_096)) },
    { note: 'a folder in its place', spoil: (path: string) => mkdir(path) },
  ])('a folder that cannot be locked is not called in use: $note', async ({ spoil }) => {
    const folder = await tempFolder()
    await spoil(join(folder, 'lock.db'))
    expect(() => lockFolder(folder)).toThrow(
      expect.objectContaining({
        kind: 'precondition',
        reason: 'FOLDER_NOT_WRITABLE',
        message: expect.stringContaining(folder),
      }),
    )
  })
})

describe('files', () => {
  test('writeFileDurably replaces the whole file, for the owner alone, and leaves no draft', async () => {
    const folder = await tempFolder()
    const path = join(folder, 'keys.json')
    await writeFileDurably(path, 'a much longer first text')
    await writeFileDurably(path, 'second')
    expect(await readFile(path, 'utf8')).toBe('second')
    expect(await modeOf(path)).toBe(0o600)
    expect(await readdir(folder)).toEqual(['keys.json'])
  })

  test('what cannot be written leaves no draft either', async () => {
    const folder = await tempFolder()
    await mkdir(join(folder, 'taken'))
    await expect(writeFileDurably(join(folder, 'taken'), 'text')).rejects.toThrow()
    expect(await readdir(folder)).toEqual(['taken'])
  })

  test('of many that create a file at once one wins and all read the same', async () => {
    const folder = await tempFolder()
    const path = join(folder, 'key')
    const racers = Array.from({ length: 20 }, (_, racer) =>
      readOrCreateFile(path, () => `k${racer}`),
    )
    const texts = new Set(await Promise.all(racers))
    expect(texts.size).toBe(1)
    expect(await readdir(folder)).toEqual(['key'])
    expect(await modeOf(path)).toBe(0o600)
  })

  test('a file that is not there is undefined, one that cannot be read is an error', async () => {
    const folder = await tempFolder()
    expect(await readIfThere(join(folder, 'none'))).toBeUndefined()
    await expect(readIfThere(folder)).rejects.toThrow('EISDIR')
  })
})

describe('sharedKey', () => {
  test('services beside each other on loopback find the same key', async () => {
    const root = await tempFolder()
    const ask = (service: string) =>
      sharedKey({
        name: 'internal',
        configured: undefined,
        host: '127.0.0.1',
        dataDir: join(root, service),
      })
    const keys = new Set(await Promise.all(['relay', 'presence', 'file-server'].map(ask)))
    expect(keys.size).toBe(1)
    expect([...keys][0]).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(await modeOf(join(root, 'internal.key'))).toBe(0o600)
  })

  test('the configured key goes first', async () => {
    const request = {
      name: 'operator',
      configured: 'given',
      host: '0.0.0.0',
      dataDir: 'x',
    } as const
    expect(await sharedKey(request)).toBe('given')
  })

  test('a public address without a configured key is refused by the name of the variable', async () => {
    const request = {
      name: 'internal',
      configured: undefined,
      host: '0.0.0.0',
      dataDir: 'x',
    } as const
    await expect(sharedKey(request)).rejects.toMatchObject({
      kind: 'precondition',
      reason: 'KEY_MISSING',
      message: expect.stringContaining('INTERNAL_KEY'),
    })
  })
})
