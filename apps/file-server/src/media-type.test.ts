import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { tempFolder } from '@parley/testkit'
import { expect, test } from 'vitest'
import { mediaTypeOf } from './media-type.ts'

const gif = Buffer.from('GIF89a\u0001\u0000\u0001\u0000', 'latin1')
const zip = Buffer.from('504b0506' + '00'.repeat(18), 'hex')

const ogg = (codec: string) =>
  Buffer.concat([Buffer.from('OggS'), Buffer.alloc(22), Buffer.from([1, 19]), Buffer.from(codec)])
const boxed = (brand: string) =>
  Buffer.concat([Buffer.from([0, 0, 0, 20]), Buffer.from(`ftyp${brand}`), Buffer.alloc(8)])
const wav = Buffer.from('RIFF\u0024\u0000\u0000\u0000WAVEfmt ', 'latin1')

test.each([
  [wav, 'audio/wav', 'plain samples'],
  [ogg('OpusHead'), 'audio/ogg', 'a voice message of most clients'],
  [ogg('\u0001vorbis\u0000'), 'audio/ogg', 'a song'],
  [boxed('M4A '), 'audio/mp4', 'a recording of a phone'],
  [boxed('isom'), 'video/mp4', 'a film'],
  [boxed('qt  '), 'video/quicktime', 'a film of another phone'],
  [Buffer.from('#!AMR\n'), 'audio/amr', 'a voice of an old phone'],
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
