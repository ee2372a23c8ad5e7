import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { tempFolder } from '@parley/testkit'
import { expect, test } from 'vitest'
import { mediaTypeOf } from './media-type.ts'

const gif = Buffer.from('GIF89a\u0001\u0000\u0001\u0000', 'latin1')
const zip = Buffer.from('504b0506' + '00'.repeat(18), 'hex')

test.each([
  [gif, 'image/gif', 'a picture'],
  [Buffer.from('%PDF-1.4\n'), 'application/pdf', 'a document'],
  [zip, 'application/zip', 'an archive'],
  [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), undefined, 'a drawing with scripts'],
  [Buffer.from('<!doctype html><script>1</script>'), undefined, 'a page'],
  [Buffer.from('MZ\u0090\u0000', 'latin1'), undefined, 'a program'],
  [Buffer.from('hello'), undefined, 'text'],
  [Buffer.alloc(0), undefined, 'nothing'],
  [
    Buffer.concat([Buffer.from('\u0000\u0000\u0000\u0018ftyp', 'latin1'), Buffer.alloc(4)]),
    undefined,
    'a broken film',
  ],
])('shows the type of %.20j as %s: %s', async (bytes, type, _note) => {
  const file = path.join(await tempFolder(), 'bytes')
  await writeFile(file, bytes)
  expect(await mediaTypeOf(file)).toBe(type ?? 'application/octet-stream')
})
