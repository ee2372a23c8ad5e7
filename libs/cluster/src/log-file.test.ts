import { appendFileSync, closeSync, openSync, writeSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempFolder } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { boundLog, openLog } from './log-file.ts'

describe('a log file', () => {
  test('has as last words what came after it was opened, at most 16 KiB of it', async () => {
    const path = join(await tempFolder(), 'a.log')
    appendFileSync(path, 'of an earlier run\n')
    const log = openLog(path)
    writeSync(log.fd, 'first\n')
    expect(log.lastWords()).toBe('first\n')
    writeSync(log.fd, 'x'.repeat(20_000))
    expect(log.lastWords()).toBe('x'.repeat(16_384))
    log.close()
  })

  test('is put aside when it is over its bound, and its writer goes on at the start', async () => {
    const path = join(await tempFolder(), 'a.log')
    const fd = openSync(path, 'a')
    writeSync(fd, '0123456789')
    await boundLog(path, 10)
    expect(await readFile(path, 'utf8')).toBe('0123456789')
    writeSync(fd, '!')
    await boundLog(path, 10)
    writeSync(fd, 'new')
    closeSync(fd)
    expect(await readFile(path, 'utf8')).toBe('new')
    expect(await readFile(`${path}.1`, 'utf8')).toBe('0123456789!')
  })

  test('that is not there needs no bound', async () => {
    await expect(boundLog(join(await tempFolder(), 'none.log'))).resolves.toBeUndefined()
  })
})
