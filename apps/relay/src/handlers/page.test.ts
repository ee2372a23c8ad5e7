import { chat } from '@parley/proto'
import { expect, test } from 'vitest'
import { fitting, maxPictureBytes } from './page.ts'

test('a page counts a picture as no smaller than the largest there can be', () => {
  const picture = chat.Picture.create({
    imageId: 'x'.repeat(64),
    digest: Buffer.alloc(32, 1),
    width: 65_535,
    height: 65_535,
    thumbhash: Buffer.alloc(64, 1),
  })
  const dressed = chat.Contact.encode(chat.Contact.create({ picture })).finish().length
  const bare = chat.Contact.encode(chat.Contact.create()).finish().length
  expect(dressed - bare).toBeLessThanOrEqual(maxPictureBytes)
})

test('a page is cut where its items no longer fit, after one at least', () => {
  const items = [100, 100, 200_000, 5]
  expect(fitting(items, (bytes) => bytes)).toEqual({ items: [100, 100], cut: true })
  expect(fitting([300_000, 1], (bytes) => bytes)).toEqual({ items: [300_000], cut: true })
  expect(fitting([1, 2], (bytes) => bytes)).toEqual({ items: [1, 2], cut: false })
})
