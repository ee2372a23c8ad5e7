import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempFolder } from '@parley/testkit'
import { expect, test } from 'vitest'
import { KnownNames } from './known-names.ts'

const me = '01900000-0000-7000-8000-00000000000a'
const bob = '01900000-0000-7000-8000-00000000000b'

test('a name that was kept is found again, however it is written', async () => {
  const home = await tempFolder()
  await new KnownNames(home, me).keep('Bob', bob)
  expect(await new KnownNames(home, me).find('bob')).toBe(bob)
  expect(await new KnownNames(home, bob).find('bob')).toBeUndefined()
})

test('a name like an object member is only a name', async () => {
  const names = new KnownNames(await tempFolder(), me)
  expect(await names.find('constructor')).toBeUndefined()
  await names.keep('__proto__', bob)
  expect(await names.find('__proto__')).toBe(bob)
})

test('the oldest of more than 1,000 names is forgotten', async () => {
  const home = await tempFolder()
  const many = Array.from({ length: 1_000 }, (_, at) => [`@user${at}`, bob])
  await writeFile(join(home, `names-${me}.json`), JSON.stringify(Object.fromEntries(many)))
  const names = new KnownNames(home, me)
  await names.keep('newest', bob)
  expect(await names.find('user0')).toBeUndefined()
  expect(await names.find('user1')).toBe(bob)
  expect(await names.find('newest')).toBe(bob)
})

test.each(['', 'null', '[1', '{"@bob":7}'])('a broken file %j is as good as none', async (text) => {
  const home = await tempFolder()
  await writeFile(join(home, `names-${me}.json`), text)
  expect(await new KnownNames(home, me).find('bob')).toBeUndefined()
})
