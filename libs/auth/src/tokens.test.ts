import { FakeScheduler, tempFolder } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import {
  Verifier,
  issueAccessToken,
  issueReceipt,
  issueTicket,
  verifyAccessToken,
  verifyReceipt,
  verifyTicket,
} from './index.ts'
import { ann, annsPhone, someBlob, world } from './world.fixture.ts'

const setup = async (issuer = 'relay') => world(issuer, new FakeScheduler(), await tempFolder())
const grant = { userId: ann, deviceId: annsPhone, loginId: 'login-1' }
const minuteMs = 60_000

describe('an access token', () => {
  test('says who and which device, for 15 minutes, to every service', async () => {
    const { signer, verifier, scheduler } = await setup()
    const issued = await issueAccessToken(signer, grant)
    expect(issued.expiresAtMs).toBe(scheduler.now() + 15 * minuteMs)
    for (const audience of ['chat', 'files', 'images'] as const) {
      const token = await verifyAccessToken(verifier, issued.token, audience)
      expect(token).toEqual({ ...grant, expiresAtMs: issued.expiresAtMs })
    }
  })

  test('opens only the services it names', async () => {
    const { signer, verifier } = await setup()
    const { token } = await issueAccessToken(signer, grant, ['chat'])
    await expect(verifyAccessToken(verifier, token, 'chat')).resolves.toBeDefined()
    await expect(verifyAccessToken(verifier, token, 'files')).rejects.toMatchObject({
      kind: 'unauthenticated',
      reason: 'TOKEN_INVALID',
    })
  })

  test('ends on the second, remembered or not', async () => {
    const { signer, verifier, keys, scheduler } = await setup()
    const { token } = await issueAccessToken(signer, grant)
    await verifyAccessToken(verifier, token, 'chat')
    scheduler.advanceSync(15 * minuteMs - 1)
    await expect(verifyAccessToken(verifier, token, 'chat')).resolves.toBeDefined()
    scheduler.advanceSync(1)
    const fresh = new Verifier(keys, { scheduler })
    for (const each of [verifier, fresh]) {
      await expect(verifyAccessToken(each, token, 'chat')).rejects.toMatchObject({
        kind: 'unauthenticated',
        reason: 'TOKEN_EXPIRED',
      })
    }
  })
})

describe('a ticket', () => {
  const leave = { userId: ann, blobId: someBlob }

  test('is leave for one user and one blob, for 60 seconds', async () => {
    const { signer, verifier, scheduler } = await setup()
    const issued = await issueTicket(signer, leave, 'files')
    expect(await verifyTicket(verifier, issued.token, 'files')).toEqual({
      ...leave,
      expiresAtMs: scheduler.now() + minuteMs,
    })
    scheduler.advanceSync(minuteMs)
    await expect(verifyTicket(verifier, issued.token, 'files')).rejects.toMatchObject({
      reason: 'TOKEN_EXPIRED',
    })
  })

  test('for files does not open images', async () => {
    const { signer, verifier } = await setup()
    const { token } = await issueTicket(signer, leave, 'files')
    await expect(verifyTicket(verifier, token, 'images')).rejects.toMatchObject({
      reason: 'TOKEN_INVALID',
    })
  })

  test('is no access token, and an access token is no ticket', async () => {
    const { signer, verifier } = await setup()
    const ticket = await issueTicket(signer, leave, 'files')
    const access = await issueAccessToken(signer, grant)
    const asAccess = verifyAccessToken(verifier, ticket.token, 'files')
    await expect(asAccess).rejects.toMatchObject({ reason: 'TOKEN_INVALID' })
    const asTicket = verifyTicket(verifier, access.token, 'files')
    await expect(asTicket).rejects.toMatchObject({ reason: 'TOKEN_INVALID' })
  })
})

describe('a receipt', () => {
  const file = {
    ownerId: ann,
    blobId: someBlob,
    sizeBytes: 2 ** 40,
    digest: 'ab'.repeat(32),
    mediaType: 'application/pdf',
  }
  const photo = {
    ...file,
    mediaType: 'image/webp',
    image: { widthPx: 4_000, heightPx: 3_000, thumbhash: 'HBkSHYSIeHiPiHh8eJd4eTN0EEQG' },
  }

  test.each([
    ['a file', file],
    ['an image', photo],
  ])('tells all there is of %s, for 24 hours', async (_, blob) => {
    const { signer, verifier, scheduler } = await setup('img-server')
    const { token, expiresAtMs } = await issueReceipt(signer, blob)
    expect(expiresAtMs).toBe(scheduler.now() + 24 * 60 * minuteMs)
    expect(await verifyReceipt(verifier, token)).toEqual({ ...blob, expiresAtMs })
    scheduler.advanceSync(24 * 60 * minuteMs)
    await expect(verifyReceipt(verifier, token)).rejects.toMatchObject({ reason: 'TOKEN_EXPIRED' })
  })

  test("of the file server is not taken for the image server's", async () => {
    const files = await setup('file-server')
    const images = await setup('img-server')
    const { token } = await issueReceipt(files.signer, file)
    await expect(verifyReceipt(images.verifier, token)).rejects.toMatchObject({
      reason: 'TOKEN_INVALID',
    })
  })

  test('is nothing else, though the same service signed it', async () => {
    const { signer, verifier } = await setup()
    const receipt = await issueReceipt(signer, file)
    const ticket = await issueTicket(signer, { userId: ann, blobId: someBlob }, 'files')
    await expect(verifyTicket(verifier, receipt.token, 'files')).rejects.toThrow()
    await expect(verifyReceipt(verifier, ticket.token)).rejects.toThrow()
  })
})
