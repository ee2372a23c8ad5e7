import { eventually } from '@parley/testkit'
import { expect, test } from 'vitest'
import {
  answerMs,
  claimOf,
  possessionWorld,
  proofFrom,
  someBytes,
} from '../testing/possession-world.ts'

test('a proof that is not checked by the boundary is refused, and makes no file later', async () => {
  const { possessions, scheduler, blobs, store, upload } = await possessionWorld()
  const bytes = someBytes()
  await upload('bob', bytes)
  const challenge = await possessions.ask('ann', claimOf(bytes))
  const gate = Promise.withResolvers<void>()
  blobs.gate = gate.promise
  const proving = possessions.prove('ann', challenge.id, proofFrom(bytes, challenge))
  await Promise.all([
    expect(proving).rejects.toMatchObject({ reason: 'NOT_FOUND' }),
    scheduler.advance(answerMs),
  ])
  gate.resolve()
  const again = await possessions.ask('ann', claimOf(bytes))
  await possessions.prove('ann', again.id, proofFrom(bytes, again))
  expect(store.files.storedBy('ann').files).toBe(1)
})

test('a blob is not collected while a proof of it is checked', async () => {
  const { possessions, scheduler, blobs, store, upload } = await possessionWorld()
  const bytes = someBytes()
  const original = await upload('bob', bytes)
  await scheduler.advance(8 * 24 * 3_600_000)
  const challenge = await possessions.ask('ann', claimOf(bytes))
  const gate = Promise.withResolvers<void>()
  blobs.gate = gate.promise
  const opened = blobs.opened
  const proving = possessions.prove('ann', challenge.id, proofFrom(bytes, challenge))
  await eventually(() => blobs.opened > opened)
  store.collection.allHeard()
  expect(await store.collection.run()).toMatchObject({ files: 1, blobs: 0 })
  expect(store.files.find(original.id)).toBeUndefined()
  gate.resolve()
  await proving
  store.collection.allHeard()
  expect(await store.collection.run()).toMatchObject({ files: 0, blobs: 0 })
  expect(await blobs.stat(claimOf(bytes).digest)).toBeDefined()
})

test('a file is asked for twenty times, then three minutes apart, by one user', async () => {
  const { possessions, scheduler } = await possessionWorld()
  const claim = claimOf(someBytes())
  for (let time = 0; time < 20; time += 1) await possessions.ask('eve', claim)
  const refused = { kind: 'rate-limited', reason: 'RATE_LIMITED', retryAfterMs: 180_000 }
  await expect(possessions.ask('eve', claim)).rejects.toMatchObject(refused)
  await possessions.ask('ann', claim)
  await possessions.ask('eve', claimOf(someBytes()))
  await scheduler.advance(180_000)
  await possessions.ask('eve', claim)
})

test('questions and proofs of one user have a rate, whatever they are about', async () => {
  const { possessions } = await possessionWorld()
  const limited = { kind: 'rate-limited', reason: 'RATE_LIMITED' }
  for (let time = 0; time < 200; time += 1) {
    await possessions.ask('eve', { digest: hexOf(time), sizeBytes: 1, name: undefined })
  }
  const another = { digest: hexOf(200), sizeBytes: 1, name: undefined }
  await expect(possessions.ask('eve', another)).rejects.toMatchObject(limited)
  const proving = possessions.prove('eve', 'x', Buffer.alloc(32))
  await expect(proving).rejects.toMatchObject(limited)
  await possessions.ask('ann', another)
})

test('sixteen proofs are checked at once; further ones are told to wait', async () => {
  const { possessions, scheduler, blobs } = await possessionWorld()
  const gate = Promise.withResolvers<void>()
  blobs.gate = gate.promise
  const waiting = Array.from({ length: 16 }, (_, index) =>
    possessions.prove(`eve-${index % 4}`, 'x', Buffer.alloc(32)).catch(() => undefined),
  )
  const more = possessions.prove('ann', 'x', Buffer.alloc(32))
  await expect(more).rejects.toMatchObject({ kind: 'unavailable', reason: 'BUSY' })
  await scheduler.advance(answerMs)
  await Promise.all(waiting)
  // Refused they are, but still being checked.
  const early = possessions.prove('ann', 'x', Buffer.alloc(32))
  await expect(early).rejects.toMatchObject({ reason: 'BUSY' })
  gate.resolve()
  await eventually(async () => {
    const proving = possessions.prove('ann', 'x', Buffer.alloc(32)).catch((error: unknown) => error)
    await scheduler.advance(answerMs)
    expect(await proving).toMatchObject({ reason: 'NOT_FOUND' })
  })
})

test('one user has four proofs under way, and leaves places to others', async () => {
  const { possessions, scheduler, blobs } = await possessionWorld()
  const gate = Promise.withResolvers<void>()
  blobs.gate = gate.promise
  const prove = (owner: string) => possessions.prove(owner, 'x', Buffer.alloc(32))
  const tooMany = { kind: 'rate-limited', reason: 'TOO_MANY_AT_ONCE', retryAfterMs: 1_000 }
  const waiting = Array.from({ length: 4 }, () => prove('eve').catch(() => undefined))
  await expect(prove('eve')).rejects.toMatchObject(tooMany)
  const refused = prove('ann').catch((error: unknown) => error)
  await scheduler.advance(answerMs)
  expect(await refused).toMatchObject({ reason: 'NOT_FOUND' })
  // Refused they are, but still being checked.
  await Promise.all(waiting)
  await expect(prove('eve')).rejects.toMatchObject(tooMany)
  gate.resolve()
  await eventually(async () => {
    const proving = prove('eve').catch((error: unknown) => error)
    await scheduler.advance(answerMs)
    expect(await proving).toMatchObject({ reason: 'NOT_FOUND' })
  })
})

test('when a place is free again does not tell how long a refused proof was checked', async () => {
  const { possessions, scheduler, upload } = await possessionWorld()
  const bytes = someBytes()
  await upload('bob', bytes)
  const prove = () =>
    possessions.prove('ann', 'x', Buffer.alloc(32)).catch((error: unknown) => error)
  const waiting = Array.from({ length: 3 }, prove)
  // Right ones leave at once.
  for (let time = 0; time < 3; time += 1) {
    const challenge = await possessions.ask('ann', claimOf(bytes))
    await possessions.prove('ann', challenge.id, proofFrom(bytes, challenge))
  }
  waiting.push(prove())
  expect(await prove()).toMatchObject({ reason: 'TOO_MANY_AT_ONCE' })
  await scheduler.advance(answerMs)
  for (const each of waiting) expect(await each).toMatchObject({ reason: 'NOT_FOUND' })
})

test('what no upload may have is refused, whether it is here or not', async () => {
  const { possessions, upload } = await possessionWorld({ maxUserBytes: 100, maxUploadBytes: 60 })
  const bytes = someBytes(50)
  await upload('ann', bytes)
  for (const digest of [claimOf(bytes).digest, hexOf(1)]) {
    const asked = (sizeBytes: number) =>
      possessions.ask('ann', { digest, sizeBytes, name: undefined })
    await expect(asked(61)).rejects.toMatchObject({ reason: 'UPLOAD_TOO_LARGE' })
    await expect(asked(51)).rejects.toMatchObject({ reason: 'QUOTA_EXCEEDED' })
    await asked(50)
  }
})

test('a quota that is used up before the proof is used up for it, too', async () => {
  const { possessions, upload, store } = await possessionWorld({ maxUserBytes: 100 })
  const bytes = someBytes(60)
  await upload('bob', bytes)
  const challenge = await possessions.ask('ann', claimOf(bytes))
  await upload('ann', someBytes(50))
  const proving = possessions.prove('ann', challenge.id, proofFrom(bytes, challenge))
  await expect(proving).rejects.toMatchObject({ kind: 'exhausted', reason: 'QUOTA_EXCEEDED' })
  expect(store.files.storedBy('ann')).toEqual({ files: 1, bytes: 50 })
})

test('a blob that cannot be read proves nothing, and operators hear of it', async () => {
  const { possessions, scheduler, blobs, upload, lines } = await possessionWorld()
  const bytes = someBytes()
  await upload('bob', bytes)
  const challenge = await possessions.ask('ann', claimOf(bytes))
  blobs.gate = Promise.reject(new Error('EIO'))
  const proving = possessions.prove('ann', challenge.id, proofFrom(bytes, challenge))
  await Promise.all([
    expect(proving).rejects.toMatchObject({ reason: 'NOT_FOUND' }),
    scheduler.advance(answerMs),
  ])
  await eventually(() => lines.some(({ msg }) => msg.includes('could not be checked')))
})

function hexOf(number: number): string {
  return number.toString(16).padStart(64, '0')
}
