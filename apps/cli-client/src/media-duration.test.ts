import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempFolder } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { knownDurationMs, mediaDurationMs, typedDurationMs } from './media-duration.ts'
import { browserRecording, film, sound } from './testing/made-files.ts'

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

  test.each([1_000, 90_040])('is found in what a browser recorded: %i ms', async (ms) => {
    expect(await mediaDurationMs(await written(browserRecording(ms)))).toBe(ms)
    expect(await mediaDurationMs(await written(browserRecording(ms, 'pictures')))).toBe(ms)
  })

  test.each([7, 8])(
    'is found in a recording whose clusters tell their time in %i bytes',
    async (n) => {
      expect(await mediaDurationMs(await written(browserRecording(3_000, 'sound', n)))).toBe(3_000)
    },
  )

  test('is found in a recording that was cut off, up to there', async () => {
    const cut = browserRecording(3_000).subarray(0, -400)
    const found = await mediaDurationMs(await written(cut))
    expect(found).toBeGreaterThan(2_000)
    expect(found).toBeLessThan(3_000)
  })

  test('is no number of a browser recording whose clusters are broken', async () => {
    const head = browserRecording(20)
    for (const bytes of [
      Buffer.alloc(100),
      Buffer.alloc(100, 255),
      Buffer.from('ec01ffffffffffffff', 'hex'),
    ]) {
      const path = await written(Buffer.concat([head.subarray(0, -9), bytes]))
      expect(await mediaDurationMs(path)).toBeUndefined()
    }
  })

  test('is not looked for in more than a million elements', async () => {
    const voids = Buffer.alloc(2_000_000, Buffer.from('ec80', 'hex'))
    const whole = browserRecording(2_000)
    expect(await mediaDurationMs(await written(Buffer.concat([whole, voids])))).toBeUndefined()
  })

  test.each([
    ['a text', 'just words'],
    ['nothing', ''],
    ['a recording of one packet', browserRecording(20)],
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
