import { tempFolder } from '@parley/testkit'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fingerprintLength, fingerprintOf, parseFingerprint } from './fingerprint.ts'
import { openKeyFile } from './key-file.ts'
import { agree, keyPairOf, makeKeyPair } from './key-pair.ts'

const bytes = (hex: string) => Buffer.from(hex, 'hex')

test('two keys lead to the secret that RFC 7748 says, section 5.2', () => {
  const mine = keyPairOf(bytes('a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4'))
  const theirs = bytes('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c')
  const secret = 'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552'
  expect(agree(mine, theirs).toString('hex')).toBe(secret)
  const [one, other] = [makeKeyPair(), makeKeyPair()]
  expect(agree(one, other.publicKey)).toEqual(agree(other, one.publicKey))
})

describe('the key file of a device', () => {
  test('is made once, and nobody else may read it', async () => {
    const path = join(await tempFolder(), 'device.key')
    const [one, other] = await Promise.all([openKeyFile(path), openKeyFile(path)])
    expect(one.publicKey).toEqual(other.publicKey)
    expect((await openKeyFile(path)).publicKey).toEqual(one.publicKey)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readFile(path, 'utf8')).toMatch(/^x25519:[0-9a-f]{64}\n$/)
    await chmod(path, 0o644)
    await openKeyFile(path)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  test('is refused when it holds something else', async () => {
    const path = join(await tempFolder(), 'device.key')
    await writeFile(path, 'x25519:abc\n')
    await expect(openKeyFile(path)).rejects.toMatchObject({ reason: 'DEVICE_KEY_MALFORMED' })
  })
})

describe('a fingerprint', () => {
  test('is six groups of four, the same for the same key and another for another', () => {
    const key = Buffer.alloc(32, 9)
    expect(fingerprintOf(key)).toMatch(/^(?:[0-9a-hjkmnp-tv-z]{4}-){5}[0-9a-hjkmnp-tv-z]{4}$/)
    expect(fingerprintOf(key)).toHaveLength(fingerprintLength)
    expect(fingerprintOf(key)).toBe(fingerprintOf(Buffer.alloc(32, 9)))
    expect(fingerprintOf(key)).not.toBe(fingerprintOf(makeKeyPair().publicKey))
  })

  test('is known as people type it', () => {
    const text = fingerprintOf(Buffer.alloc(32, 9))
    expect(parseFingerprint(text)).toBe(text)
    expect(parseFingerprint(text.toUpperCase().replaceAll('-', ' '))).toBe(text)
    expect(parseFingerprint(text.replaceAll('0', 'O').replaceAll('1', 'l'))).toBe(text)
    for (const wrong of ['', 'ann', text.slice(1), `${text}a`, text.replace(/.$/, 'u')]) {
      expect(parseFingerprint(wrong)).toBeUndefined()
    }
  })
})
