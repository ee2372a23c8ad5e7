import { describe, expect, test } from 'vitest'
import { acceptable } from './negotiate.ts'

const webp = 'image/webp'
const jpeg = 'image/jpeg'
const png = 'image/png'

describe('what a reader accepts', () => {
  test.each([
    ['no header', undefined, [webp, jpeg]],
    ['an empty header', ' ', [webp, jpeg]],
    ['anything', '*/*', [webp, jpeg]],
    ['any image', 'image/*', [webp, jpeg]],
    ['a browser', 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8', [webp, jpeg]],
    ['JPEG only', 'image/jpeg', [jpeg]],
    ['letters of any size', 'IMAGE/JPEG;Q=1.0', [jpeg]],
    ['JPEG rather than WebP', 'image/webp;q=0.5, image/jpeg', [jpeg, webp]],
    ['the exact range before the wide one', '*/*, image/webp;q=0.1', [jpeg, webp]],
    ['no WebP at all', 'image/webp;q=0, */*', [jpeg]],
    [
      'other parameters beside the weight',
      'image/jpeg;v=2;q=0.7, image/webp;q=0.699',
      [jpeg, webp],
    ],
    ['a page', 'text/html', []],
    ['a weight that is none', 'image/webp;q=2, image/jpeg;q=x', []],
    ['only separators', ',;,;q', []],
  ] as const)('%s', (_note, header, wanted) => {
    expect(acceptable(header, [webp, jpeg])).toEqual(wanted)
  })

  test('among equals the first offered comes first', () => {
    expect(acceptable('image/webp, image/png', [png, webp, jpeg])).toEqual([png, webp])
  })
})
