import { lockFolder } from '@parley/service-kit'
import { tempFolder } from '@parley/testkit'
import { startMariadb } from '@parley/testkit/mariadb'
import { expect, onTestFinished, test } from 'vitest'
import { startWorld } from './testing/people.ts'
import { runParley } from './testing/run-parley.ts'

test('parley-admin moves the database of a stopped relay, and everybody goes on with MariaDB', async () => {
  const folder = await tempFolder()
  const before = await startWorld(folder)
  onTestFinished(() => before.cluster.stop())
  const [alice] = await before.registered('alice', 'bob', 'carol')
  await alice.does('send', '@bob', '搬家 🚚')
  const mariadb = await startMariadb()
  onTestFinished(() => mariadb.close())
  const DATA_DIR = before.cluster.dataFolder('relay')
  const MYSQL_URL = mariadb.url()
  const move = (...args: string[]) =>
    runParley({ DATA_DIR, MYSQL_URL }, ['--json', 'migrate-store', ...args], '', 'parley-admin')
  const refusal = (reason: string) => ({
    code: 1,
    out: '',
    err: expect.stringContaining(`"reason":"${reason}"`) as string,
  })

  expect(await move()).toMatchObject(refusal('FOLDER_IN_USE'))
  await before.cluster.stop()
  const moved = [{ type: 'store-moved', entries: expect.any(Number) as number }]
  expect(await move()).toMatchObject({ code: 0, lines: moved })
  expect(await move()).toMatchObject(refusal('TARGET_NOT_EMPTY'))
  expect(await move('--to', 'http://nowhere')).toMatchObject(refusal('MOVE_FAILED'))
  expect(await runParley({ DATA_DIR }, ['migrate-store'], '', 'parley-admin')).toMatchObject({
    code: 2,
  })
  lockFolder(DATA_DIR).release()

  const after = await startWorld(folder, { MYSQL_URL })
  onTestFinished(() => after.cluster.stop())
  const bob = after.person('bob')
  await after.person('alice').does('send', '@bob', 'arrived')
  const read = await bob.does('history', '@alice')
  const texts = read.map((line) => (line as { content?: { text?: string } }).content?.text)
  expect(texts).toEqual(['搬家 🚚', 'arrived'])
}, 120_000)
