import { expect, test } from 'vitest'
import { sniffFormat } from './image-format.ts'

const ftyp = (...brands: string[]) => {
  const body = Buffer.from(`ftyp${brands[0]}\0\0\0\0${brands.slice(1).join('')}`, 'latin1')
  const size = Buffer.alloc(4)
  size.writeUInt32BE(body.length + 4)
  return Buffer.concat([size, body, Buffer.from('\0\0\0\x08metaavif')]).toString('latin1')
}

test.each([
  ['\xff\xd8\xff\xe1', 'jpeg'],
  ['\x89PNG\r\n\x1a\n', 'png'],
  ['GIF87a', 'gif'],
  ['GIF89a', 'gif'],
  ['RIFF\x10\0\0\0WEBPVP8X', 'webp'],
  [ftyp('avif', 'mif1'), 'avif'],
  [ftyp('mif1', 'miaf', 'avif'), 'avif'],
  [ftyp('avis', 'msf1'), 'avif'],
])('knows %j as %s', (head, format) => {
  expect(sniffFormat(Buffer.from(head, 'latin1'))).toEqual({ accepted: true, format })
})

test.each([
  [ftyp('heic', 'mif1'), 'HEIC'],
  [ftyp('mif1', 'heic'), 'HEIC'],
  [ftyp('isom', 'mp42'), 'video'],
  ['<?xml version="1.0"?><svg/>', 'SVG'],
  ['\xef\xbb\xbf\n <SVG>', 'SVG'],
  ['II*\0', 'TIFF'],
  ['BM66', 'BMP'],
  ['%PDF-1.7', 'PDF'],
  ['PK\x03\x04\xff\xd8\xff', 'ZIP'],
  ['RIFF\x10\0\0\0WAVEfmt ', 'unknown'],
  ['hello', 'unknown'],
  ['', 'unknown'],
  ['\0\0\0\0ftyp', 'video'],
])('refuses %j as %s', (head, name) => {
  expect(sniffFormat(Buffer.from(head, 'latin1'))).toEqual({ accepted: false, name })
})
