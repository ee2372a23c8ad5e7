import { closeSync, fsyncSync, openSync, readFileSync, readdirSync, writeSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { isSkippedHere } from './abilities.ts'
import { LoopDisk } from './loop-disk.ts'

const isSkipped = isSkippedHere('power cuts', 'mkfs.xfs', 'xfs_io', 'mount')

test.skipIf(isSkipped)('a power cut keeps what was synced and loses what was not', async () => {
  const disk = await LoopDisk.make()
  onTestFinished(() => disk.remove())
  for (let round = 1; round <= 2; round += 1) {
    write(path.join(disk.folder, `synced${round}`), 'kept', true)
    write(path.join(disk.folder, `written${round}`), 'gone', false)
    await disk.cut()
    expect(() => write(path.join(disk.folder, 'after'), 'never', true)).toThrow(/EIO/)
    await disk.restore()
  }
  expect(readFileSync(path.join(disk.folder, 'synced1'), 'utf8')).toBe('kept')
  expect(readFileSync(path.join(disk.folder, 'synced2'), 'utf8')).toBe('kept')
  const lost = readdirSync(disk.folder).filter((name) => !name.startsWith('synced'))
  // A name may have reached the journal with a later sync, its bytes have not.
  expect(lost.map((name) => readFileSync(path.join(disk.folder, name), 'utf8')).join('')).toBe('')
})

function write(file: string, text: string, isSynced: boolean): void {
  const fd = openSync(file, 'w')
  try {
    writeSync(fd, text)
    if (isSynced) fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
