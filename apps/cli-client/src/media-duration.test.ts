import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempFolder } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { knownDurationMs, mediaDurationMs, typedDurationMs } from './media-duration.ts'
import { film, sound } from './testing/recordings.ts'

async function written(bytes: Uint8Array | string): Promise<string> {
  const path = join(await tempFolder(), 'recording')
  await writeFile(path, bytes)
  return path
}

describe('how long a file plays', () => {
  test('is read from a sound and from a film', async () => {
    expect(await mediaDurationMs(await written(sound(1_500)))).toBe(1_500)
    expect(await mediaDurationMs(await written(film(62_250)))).toBe(62_250)
  })

  test.each([
    ['a text', 'just words'],
    ['nothing', ''],
    ['a sound that ends in its head', sound(1_000).subarray(0, 20)],
    ['an Ogg page and no more', 'OggS\u0000\u0002'],
  ])('is not known of %s, which is said before it is sent', async (_what, bytes) => {
    const path = await written(bytes)
    expect(await mediaDurationMs(path)).toBeUndefined()
    await expect(knownDurationMs(path)).rejects.toMatchObject({ reason: 'DURATION_UNKNOWN' })
  })
})

describe('a typed duration', () => {
  test.each([
    ['7', 7_000],
    ['0.5', 500],
    ['1:02', 62_000],
    ['10:00', 600_000],
    ['1:02.5', 62_500],
  ])('%s is %i ms', (text, ms) => {
    expect(typedDurationMs(text)).toBe(ms)
  })

  test.each(['', '0', '-1', 'x', '1:2', '7s', '1e9', '123456', '1:02:03'])('%j is none', (text) => {
    expect(() => typedDurationMs(text)).toThrow('is no duration')
  })
})
