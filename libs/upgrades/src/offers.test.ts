import { AppError } from '@parley/errors'
import { describe, expect, test } from 'vitest'
import { judgeOffer } from './judge-offer.ts'
import { encodeManifest } from './manifest.ts'
import { parsePublicKeys } from './public-keys.ts'
import { createSigningKey, readSigningKey } from './signing-key.ts'
import { manifestOf } from './testing/manifest-of.ts'
import { verifyOffer } from './verify-offer.ts'

const key = createSigningKey()
const other = createSigningKey()
const bytes = encodeManifest(manifestOf())
const offer = { manifest: bytes, signature: key.sign(bytes), keyId: key.keyId }
const pinned = parsePublicKeys(`# ours\n${other.publicKey}, ${key.publicKey}\n`)

function reasonOf(work: () => unknown): string {
  try {
    work()
    return 'taken'
  } catch (error) {
    if (error instanceof AppError) return error.reason
    throw error
  }
}

describe('an offer', () => {
  test('is taken when a pinned key has signed its very bytes', () => {
    expect(verifyOffer(offer, pinned)).toEqual(manifestOf())
  })

  const changed = encodeManifest(manifestOf({ version: '9.9.9' }))
  test.each([
    ['no key is pinned', offer, '', 'UPGRADE_KEYS_MISSING'],
    ['another key is pinned', offer, other.publicKey, 'UPGRADE_KEY_UNKNOWN'],
    [
      'a byte was changed',
      { ...offer, manifest: changed },
      key.publicKey,
      'UPGRADE_SIGNATURE_WRONG',
    ],
    [
      'another key has signed under the name of a pinned one',
      { ...offer, signature: other.sign(bytes) },
      key.publicKey,
      'UPGRADE_SIGNATURE_WRONG',
    ],
    [
      'there is no signature',
      { ...offer, signature: Buffer.alloc(0) },
      key.publicKey,
      'UPGRADE_SIGNATURE_WRONG',
    ],
  ])('is refused when %s', (_note, made, keys, reason) => {
    expect(reasonOf(() => verifyOffer(made, parsePublicKeys(keys)))).toBe(reason)
  })

  test('is refused when what a pinned key has signed is no manifest', () => {
    const words = Buffer.from('{}')
    const made = { ...offer, manifest: words, signature: key.sign(words) }
    expect(reasonOf(() => verifyOffer(made, pinned))).toBe('MANIFEST_MALFORMED')
  })
})

describe('a genuine offer', () => {
  const own = { version: '1.2.3', platform: 'linux-x64', channel: 'stable' }
  test.each([
    ['the same version', {}, 'current'],
    ['a later one', { version: '1.10.0' }, 'available'],
    ['the candidate of a later one', { version: '1.2.4-rc.1' }, 'available'],
    ['a later one that is needed', { version: '1.10.0', minVersion: '1.2.4' }, 'required'],
    ['an earlier one', { version: '1.2.3-rc.9' }, 'older'],
  ])('of %s', (_note, change, state) => {
    expect(judgeOffer(manifestOf(change), own, 0)).toBe(state)
  })

  test.each([
    ['for another platform', { platform: 'linux-arm64' }, 'UPGRADE_MISPLACED'],
    ['of another channel', { channel: 'beta' }, 'UPGRADE_MISPLACED'],
    ['from before one that was seen', { publishedAtMs: 1_699_999_999_999 }, 'UPGRADE_REPLAYED'],
  ])('%s is refused', (_note, change, reason) => {
    const manifest = manifestOf({ version: '2.0.0', ...change })
    expect(reasonOf(() => judgeOffer(manifest, own, 1_700_000_000_000))).toBe(reason)
  })
})

describe('keys', () => {
  test('read from their file sign as before', () => {
    const read = readSigningKey(key.pem)
    expect([read.keyId, read.publicKey]).toEqual([key.keyId, key.publicKey])
    expect(read.sign(bytes)).toEqual(offer.signature)
  })

  test.each([
    ['no prefix', key.publicKey.slice(8)],
    ['a short key', key.publicKey.slice(0, -2)],
    ['words', 'trust me'],
    ['one of many', `${key.publicKey},ed25519:`],
    ['too many', Array.from({ length: 17 }, () => key.publicKey).join('\n')],
  ])('that cannot be pinned are no reason to go on without them: %s', (_note, text) => {
    expect(reasonOf(() => parsePublicKeys(text))).toBe('UPGRADE_KEYS_MALFORMED')
  })

  test('of another kind do not sign, and an error shows nothing of them', () => {
    const secret = `${key.pem.slice(0, 40)}x${key.pem.slice(41)}`
    expect(reasonOf(() => readSigningKey(secret))).toBe('UPGRADE_KEY_MALFORMED')
    expect(reasonOf(() => readSigningKey(''))).toBe('UPGRADE_KEY_MALFORMED')
  })
})
