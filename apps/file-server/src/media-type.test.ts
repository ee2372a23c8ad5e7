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

// As a browser records it: neither the segment nor its clusters know their sizes.
const unknownSize = Buffer.from('01ffffffffffffff', 'hex')
const ebml = (id: string, ...content: Buffer[]) => {
  const bytes = Buffer.concat(content)
  return Buffer.concat([Buffer.from(id, 'hex'), Buffer.from([0x80 + bytes.length]), bytes])
}
const track = (type: number) =>
  ebml('ae', ebml('d7', Buffer.from([1])), ebml('83', Buffer.from([type])))
const webm = (...parts: Buffer[]) => {
  const head = ebml('1a45dfa3', ebml('4282', Buffer.from('webm')))
  const info = ebml('1549a966', ebml('2ad7b1', Buffer.from([0x0f, 0x42, 0x40])))
  const cluster = Buffer.concat([Buffer.from('1f43b675', 'hex'), unknownSize])
  const segment = Buffer.concat([Buffer.from('18538067', 'hex'), unknownSize])
  return Buffer.concat([head, segment, info, ...parts, cluster])
}
const tracks = (...types: number[]) => ebml('1654ae6b', ...types.map((type) => track(type)))

test.each([
  [webm(tracks(2)), 'audio/webm', 'a voice message of a browser'],
  [webm(ebml('ec', Buffer.alloc(9)), tracks(2, 2)), 'audio/webm', 'a voice in two languages'],
  [webm(tracks(1)), 'video/webm', 'a silent film of a browser'],
  [webm(tracks(2, 1)), 'video/webm', 'a film of a browser'],
  [webm(tracks(2)).subarray(0, -13), 'video/webm', 'one whose tracks do not end'],
  [
    webm(ebml('1654ae6b', ebml('ae', ebml('d7', Buffer.from([1]))), track(2))),
    'video/webm',
    'one with a track of no type',
  ],
  [webm(tracks()), 'video/webm', 'one of no tracks'],
  [webm(), 'video/webm', 'one that tells no tracks'],
  [webm(Buffer.from([0, 0, 0])), 'video/webm', 'one that is broken'],
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
