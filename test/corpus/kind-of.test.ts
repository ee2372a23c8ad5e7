import { expect, test } from 'vitest'
import { kindOf } from './kind-of.ts'

test.each([
  {
    file: 'a.png',
    head: '\xff\xd8\xff\xe0',
    kind: { name: 'jpeg', isTaken: true },
    note: 'a JPEG of a wrong name',
  },
  {
    file: 'crash-1f2e',
    head: 'GIF89a',
    kind: { name: 'gif', isTaken: true },
    note: 'a GIF without an ending',
  },
  { file: 'a.tif', head: 'II*\0', kind: { name: 'TIFF', isTaken: false }, note: 'a TIFF' },
  {
    file: 'a.JPG',
    head: 'garbage',
    kind: { name: 'named .jpg', isTaken: false },
    note: 'what is only named an image',
  },
  { file: 'README', head: 'Images of', kind: undefined, note: 'a text' },
  { file: 'a.jar', head: 'PK\x03\x04', kind: undefined, note: 'a ZIP' },
])('$note is told by its first bytes, or else by its name', ({ file, head, kind }) => {
  expect(kindOf(file, Buffer.from(head, 'latin1'))).toEqual(kind)
})
