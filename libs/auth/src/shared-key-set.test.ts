import { FakeScheduler, recordingLogger, tempFolder } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { SharedKeySet, Verifier, issueAccessToken, openSigner, verifyAccessToken } from './index.ts'
import type { Signer } from './index.ts'
import { ann, annsPhone } from './world.fixture.ts'

// Two processes that sign for one service, and the place where they leave their public keys.
async function setup() {
  const scheduler = new FakeScheduler()
  const newSigner = async () =>
    openSigner({ issuer: 'relay', folder: await tempFolder(), scheduler })
  const [mine, theirs] = [await newSigner(), await newSigner()]
  const place = { published: [mine.publicJwk], away: false, reads: 0 }
  const read = () => {
    place.reads += 1
    return place.away ? Promise.reject(new Error('away')) : Promise.resolve([...place.published])
  }
  const { log, lines } = recordingLogger()
  const keys = new SharedKeySet({ signer: mine, read, log, scheduler })
  const verifier = new Verifier(keys, { scheduler })
  const issue = async (signer: Signer) => {
    const grant = { userId: ann, deviceId: annsPhone, loginId: crypto.randomUUID() }
    return (await issueAccessToken(signer, grant)).token
  }
  const check = (token: string) => verifyAccessToken(verifier, token, 'chat')
  const verify = async (signer: Signer) => check(await issue(signer))
  return { scheduler, place, keys, issue, check, verify, mine, theirs, newSigner, lines }
}

const kidsIn = (jwks: string) =>
  (JSON.parse(jwks) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)

describe('a shared key set', () => {
  test('knows its own key without reading, and those of others when they are named', async () => {
    const { place, verify, mine, theirs } = await setup()
    await verify(mine)
    expect(place.reads).toBe(0)
    place.published.push(theirs.publicJwk)
    await verify(theirs)
    await verify(theirs)
    expect(place.reads).toBe(1)
  })

  test('takes a key that was published after its last read, within a second of it', async () => {
    const { scheduler, place, issue, check, verify, theirs, newSigner } = await setup()
    place.published.push(theirs.publicJwk)
    await verify(theirs)
    const late = await newSigner()
    place.published.push(late.publicJwk)
    const verified = check(await issue(late))
    await scheduler.advance(1_000)
    expect(await verified).toMatchObject({ userId: ann })
  })

  test('reads once a second at most, however many unknown keys are named', async () => {
    const { scheduler, place, issue, check, newSigner } = await setup()
    const foreign = [await newSigner(), await newSigner(), await newSigner()]
    const tokens = await Promise.all(foreign.map(issue))
    for (let round = 0; round < 3; round += 1) {
      const refused = Promise.allSettled(tokens.map(check))
      await scheduler.advance(1_000)
      for (const each of await refused) {
        expect(each).toMatchObject({ reason: { reason: 'TOKEN_INVALID' } })
      }
    }
    expect(place.reads).toBeLessThanOrEqual(3)
  })

  test('says that others cannot be read, once, and tells nobody that their tokens are bad', async () => {
    const { scheduler, place, keys, issue, check, verify, mine, theirs, lines } = await setup()
    place.away = true
    await expect(verify(theirs)).rejects.toMatchObject({ reason: 'KEYS_UNAVAILABLE' })
    const again = check(await issue(theirs)).catch((error: unknown) => error)
    await scheduler.advance(1_000)
    expect(await again).toMatchObject({ reason: 'KEYS_UNAVAILABLE' })
    expect(lines).toHaveLength(1)
    await verify(mine)
    expect(kidsIn(await keys.jwks())).toEqual([mine.kid])
  })

  test('tells others all keys, as they are now', async () => {
    const { scheduler, place, keys, mine, theirs } = await setup()
    expect(kidsIn(await keys.jwks())).toEqual([mine.kid])
    place.published.push(theirs.publicJwk)
    await scheduler.advance(60_000)
    expect(kidsIn(await keys.jwks())).toEqual([mine.kid, theirs.kid])
    place.published = [mine.publicJwk]
    await scheduler.advance(60_000)
    expect(kidsIn(await keys.jwks())).toEqual([mine.kid])
  })
})
