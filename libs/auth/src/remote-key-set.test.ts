import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FakeScheduler, eventually, recordingLogger, tempFolder } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { RemoteKeySet, Verifier, issueAccessToken, openSigner, verifyAccessToken } from './index.ts'
import { ann, annsPhone } from './world.fixture.ts'

const grant = { userId: ann, deviceId: annsPhone, loginId: 'login-1' }

// An issuer that can be away or change its key, and a verifier elsewhere that has to cope.
async function setup() {
  const scheduler = new FakeScheduler()
  const folder = await tempFolder()
  const newSigner = async () =>
    openSigner({ issuer: 'relay', folder: await tempFolder(), scheduler })
  const issuer = { signer: await newSigner(), away: false, asked: 0 }
  const cacheFile = join(folder, 'relay-keys.json')
  const { log, lines } = recordingLogger()
  const open = () => {
    const fetch = async () => {
      issuer.asked += 1
      if (issuer.away) throw new Error('connection refused')
      return issuer.signer.jwks
    }
    const keys = new RemoteKeySet({ issuer: 'relay', fetch, cacheFile, log, scheduler })
    onTestFinished(() => keys.close())
    return { keys, verifier: new Verifier(keys, { scheduler }) }
  }
  const token = async () => (await issueAccessToken(issuer.signer, grant)).token
  return { scheduler, issuer, cacheFile, lines, open, token, newSigner }
}

describe('a remote key set', () => {
  test('asks for a key it does not know, once for many at a time', async () => {
    const { issuer, open, token } = await setup()
    const { verifier } = open()
    const tokens = await Promise.all([token(), token(), token()])
    await Promise.all(tokens.map((each) => verifyAccessToken(verifier, each, 'files')))
    expect(issuer.asked).toBe(1)
  })

  test('works after a restart while the issuer is away, from the file it kept', async () => {
    const { issuer, open, token, cacheFile } = await setup()
    const signed = await token()
    await verifyAccessToken(open().verifier, signed, 'files')
    expect((await stat(cacheFile)).mode & 0o777).toBe(0o600)
    issuer.away = true
    const restarted = open()
    await restarted.keys.start()
    await expect(verifyAccessToken(restarted.verifier, signed, 'files')).resolves.toBeDefined()
  })

  test('asks at the start, before any token comes, until it is answered', async () => {
    const { issuer, open, token, scheduler } = await setup()
    issuer.away = true
    const { keys, verifier } = open()
    await keys.start()
    await eventually(() => issuer.asked === 1)
    await scheduler.advance(1)
    issuer.away = false
    await scheduler.advance(60_000)
    await eventually(() => keys.has(issuer.signer.kid))
    const asked = issuer.asked
    issuer.away = true
    await scheduler.advance(600_000)
    expect(issuer.asked).toBe(asked)
    await expect(verifyAccessToken(verifier, await token(), 'files')).resolves.toBeDefined()
  })

  test('learns a new key when a token names it, and then forgets the old one', async () => {
    const { issuer, open, token, scheduler, newSigner } = await setup()
    const { verifier } = open()
    const old = await token()
    await verifyAccessToken(verifier, old, 'files')
    issuer.signer = await newSigner()
    scheduler.advanceSync(5_000)
    await expect(verifyAccessToken(verifier, await token(), 'files')).resolves.toBeDefined()
    await expect(verifyAccessToken(verifier, old, 'files')).rejects.toMatchObject({
      reason: 'TOKEN_INVALID',
    })
  })

  test('asks at most once in five seconds, whatever tokens name', async () => {
    const { issuer, open, token, scheduler, newSigner } = await setup()
    const { verifier } = open()
    await verifyAccessToken(verifier, await token(), 'files')
    const stranger = await newSigner()
    const forged = (await issueAccessToken(stranger, grant)).token
    for (let attempt = 0; attempt < 20; attempt += 1) {
      await expect(verifyAccessToken(verifier, forged, 'files')).rejects.toMatchObject({
        reason: 'TOKEN_INVALID',
      })
      scheduler.advanceSync(500)
    }
    expect(issuer.asked).toBe(2)
  })

  test('without any key and the issuer away it says to come again, not that the token is bad', async () => {
    const { issuer, open, token } = await setup()
    issuer.away = true
    const { verifier } = open()
    await expect(verifyAccessToken(verifier, await token(), 'files')).rejects.toMatchObject({
      kind: 'unavailable',
      reason: 'KEYS_UNAVAILABLE',
      retryAfterMs: 500,
    })
  })

  test('while the issuer is away it is asked twice a second at most, and is heard when it is back', async () => {
    const { issuer, open, token, scheduler } = await setup()
    issuer.away = true
    const { verifier } = open()
    const signed = await token()
    for (const asked of [1, 1, 2]) {
      await expect(verifyAccessToken(verifier, signed, 'files')).rejects.toThrow()
      expect(issuer.asked).toBe(asked)
      scheduler.advanceSync(250)
    }
    issuer.away = false
    scheduler.advanceSync(250)
    await expect(verifyAccessToken(verifier, signed, 'files')).resolves.toBeDefined()
  })

  test('an issuer that never answers is given up after five seconds', async () => {
    const { token, scheduler, cacheFile } = await setup()
    const { log } = recordingLogger()
    const fetch = () => new Promise<string>(() => undefined)
    const keys = new RemoteKeySet({ issuer: 'relay', fetch, cacheFile, log, scheduler })
    const verifying = verifyAccessToken(new Verifier(keys, { scheduler }), await token(), 'chat')
    const failure = verifying.catch((error: unknown) => error)
    await eventually(() => scheduler.pendingTimers === 1)
    await scheduler.advance(5_000)
    expect(await failure).toMatchObject({ reason: 'KEYS_UNAVAILABLE' })
  })

  test.each(['', '{"keys":[]}', '{"keys":[{"kty":"oct","k":"AA","kid":"x"}]}', '{"keys":7}'])(
    'an answer of %j changes nothing that is known',
    async (answer) => {
      const { issuer, open, token, scheduler, cacheFile, newSigner } = await setup()
      const { verifier, keys } = open()
      const good = await token()
      await verifyAccessToken(verifier, good, 'files')
      const kept = await readFile(cacheFile, 'utf8')
      const known = issuer.signer.kid
      const stranger = await newSigner()
      issuer.signer = { ...stranger, jwks: answer }
      scheduler.advanceSync(5_000)
      await expect(verifyAccessToken(verifier, await token(), 'files')).rejects.toThrow()
      expect(keys.has(known)).toBe(true)
      expect(await readFile(cacheFile, 'utf8')).toBe(kept)
    },
  )

  test('a kept file that is broken is passed over with a word in the log', async () => {
    const { open, token, cacheFile, lines } = await setup()
    await writeFile(cacheFile, 'not json')
    await expect(verifyAccessToken(open().verifier, await token(), 'files')).resolves.toBeDefined()
    expect(lines).toMatchObject([{ msg: 'could not read kept signing keys', issuer: 'relay' }])
  })

  test('a folder that cannot take the file does not stop verification', async () => {
    const { issuer, token, scheduler } = await setup()
    const { log, lines } = recordingLogger()
    const keys = new RemoteKeySet({
      issuer: 'relay',
      fetch: async () => issuer.signer.jwks,
      cacheFile: join(await tempFolder(), 'missing', 'keys.json'),
      log,
      scheduler,
    })
    const verifier = new Verifier(keys, { scheduler })
    await expect(verifyAccessToken(verifier, await token(), 'chat')).resolves.toBeDefined()
    expect(lines).toMatchObject([{ msg: 'could not keep signing keys' }])
  })
})
