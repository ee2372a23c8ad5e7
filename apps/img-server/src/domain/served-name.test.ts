import { expect, test } from 'vitest'
import { servedName } from './served-name.ts'

test.each([
  ['IMG_1.PNG', 'image/jpeg', 'IMG_1.jpg'],
  ['holiday', 'image/webp', 'holiday.webp'],
  ['v1.2 final', 'image/png', 'v1.2 final.png'],
  ['照片.gif', 'image/webp', '照片.webp'],
  ['.png', 'image/png', 'image.png'],
  [undefined, 'image/jpeg', 'image.jpg'],
])('%j served as %s is called %j', (name, type, served) => {
  expect(servedName(name, type)).toBe(served)
})
