import { readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempFolder } from '@parley/testkit'
import { decodeProtectedHeader } from 'jose'
import { expect, test } from 'vitest'
import { openSigner } from './index.ts'

test('the key is made once, for the owner alone, and found again', async () => {
  const folder = await tempFolder()
  const first = await openSigner({ issuer: 'relay', folder })
  const again = await openSigner({ issuer: 'relay', folder })
  expect(again.kid).toBe(first.kid)
  expect(await readdir(folder)).toEqual(['signing-key.json'])
  expect((await stat(join(folder, 'signing-key.json'))).mode & 0o777).toBe(0o600)
})

test('two folders have two keys', async () => {
  const first = await openSigner({ issuer: 'relay', folder: await tempFolder() })
  const second = await openSigner({ issuer: 'relay', folder: await tempFolder() })
  expect(second.kid).not.toBe(first.kid)
})

test('the published set holds the public half only', async () => {
  const folder = await tempFolder()
  const signer = await openSigner({ issuer: 'relay', folder })
  const secret = (
    JSON.parse(await readFile(join(folder, 'signing-key.json'), 'utf8')) as { d: string }
  ).d
  expect(signer.jwks).not.toContain(secret)
  expect(JSON.parse(signer.jwks)).toEqual({
    keys: [
      {
        kty: 'OKP',
        crv: 'Ed25519',
        x: expect.any(String),
        kid: signer.kid,
        alg: 'EdDSA',
        use: 'sig',
      },
    ],
  })
})

test('a token names its key and algorithm in its header', async () => {
  const signer = await openSigner({ issuer: 'relay', folder: await tempFolder() })
  const statement = { claims: {}, subject: 's', audience: 'chat', lifetimeMs: 1_000 }
  const { token } = await signer.sign(statement)
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'EdDSA', kid: signer.kid })
})

test.each(['', '{', '{"kty":"RSA"}', '{"kty":"OKP","crv":"Ed25519","x":"secret"}'])(
  'a key file that holds %j is refused without being quoted or replaced',
  async (text) => {
    const folder = await tempFolder()
    const path = join(folder, 'signing-key.json')
    await writeFile(path, text)
    const failure = await openSigner({ issuer: 'relay', folder }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ kind: 'corrupt', reason: 'SIGNING_KEY_BROKEN' })
    expect(String(failure)).not.toContain('secret')
    expect(await readFile(path, 'utf8')).toBe(text)
  },
)
