import { eventually } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import {
  answerMs,
  claimOf,
  lacking,
  possessionWorld,
  proofFrom,
  someBytes,
} from '../testing/possession-world.ts'
import type { Challenge } from './possessions.ts'

type World = Awaited<ReturnType<typeof possessionWorld>>

const bytes = someBytes()

async function setup() {
  const world = await possessionWorld()
  const original = await world.upload('bob', bytes)
  return { ...world, original }
}

/** Proves and lets the boundary pass; answers the file or the reason of the refusal. */
async function outcome(
  { possessions, scheduler }: World,
  owner: string,
  id: string,
  proof: Buffer,
) {
  let settled: unknown
  const proving = possessions.prove(owner, id, proof).then(
    (file) => (settled = file.owner),
    (error: unknown) => (settled = error),
  )
  await scheduler.advance(answerMs)
  await proving
  return settled
}

const refused = { kind: 'not-found', reason: 'NOT_FOUND', message: 'not found' }

describe('whoever proves that they have a file', () => {
  test.each([1, 70_000, 2_000_000])('gets one of their own, of %d bytes', async (sizeBytes) => {
    const { possessions, store, upload, blobs } = await possessionWorld()
    const whole = someBytes(sizeBytes)
    const original = await upload('bob', whole)
    const challenge = await possessions.ask('ann', claimOf(whole, 'mine.txt'))
    const file = await possessions.prove('ann', challenge.id, proofFrom(whole, challenge))
    expect(file).toMatchObject({ owner: 'ann', name: 'mine.txt', variants: original.variants })
    expect(file.id).toMatch(/^[a-z2-7]{32}$/)
    expect(file.id).not.toBe(original.id)
    expect(store.files.find(file.id)).toEqual(file)
    expect(store.files.storedBy('ann')).toEqual({ files: 1, bytes: sizeBytes })
    expect(await Array.fromAsync(blobs.list())).toHaveLength(1)
  })

  test('gets the same one when the answer was lost and they ask again', async () => {
    const world = await setup()
    const challenge = await world.possessions.ask('ann', claimOf(bytes))
    const proof = proofFrom(bytes, challenge)
    const file = await world.possessions.prove('ann', challenge.id, proof)
    expect(await world.possessions.prove('ann', challenge.id, proof)).toEqual(file)
    expect(await outcome(world, 'eve', challenge.id, proof)).toMatchObject(refused)
    expect(world.store.files.storedBy('ann').files).toBe(1)
  })

  test('keeps it when whoever had it first lets go', async () => {
    const { possessions, store, scheduler, blobs } = await setup()
    const challenge = await possessions.ask('ann', claimOf(bytes))
    const { id } = await possessions.prove('ann', challenge.id, proofFrom(bytes, challenge))
    store.files.applyHolds([{ id, holder: 'c/1', held: true }], scheduler.now())
    await scheduler.advance(8 * 24 * 3_600_000)
    store.collection.allHeard()
    expect(await store.collection.run()).toMatchObject({ files: 1, blobs: 0 })
    expect(await blobs.stat(claimOf(bytes).digest)).toBeDefined()
  })
})

type Try = (world: World, challenge: Challenge) => Promise<[string, string, Buffer]>

/** What each refused one does with a challenge of Eve's for Bob's file. */
const tries: Record<string, Try> = {
  'a wrong proof': async (_, { id }) => ['eve', id, Buffer.alloc(32)],
  'a proof by somebody who lacks the second half': async (_, challenge) => [
    'eve',
    challenge.id,
    proofFrom(lacking(bytes, 1_000_000, 2_000_000), challenge),
  ],
  'a proof by somebody who lacks a twentieth in the middle': async (_, challenge) => [
    'eve',
    challenge.id,
    proofFrom(lacking(bytes, 900_000, 1_000_000), challenge),
  ],
  'a proof by somebody who lacks the last byte': async (_, challenge) => [
    'eve',
    challenge.id,
    proofFrom(lacking(bytes, 1_999_999, 2_000_000), challenge),
  ],
  'a right proof of somebody else’s challenge': async (_, challenge) => [
    'ann',
    challenge.id,
    proofFrom(bytes, challenge),
  ],
  'a right proof after the first try': async (world, challenge) => {
    await outcome(world, 'eve', challenge.id, Buffer.alloc(32))
    return ['eve', challenge.id, proofFrom(bytes, challenge)]
  },
  'a right proof a minute too late': async ({ scheduler }, challenge) => {
    await scheduler.advance(60_000)
    return ['eve', challenge.id, proofFrom(bytes, challenge)]
  },
  'a challenge that never was': async () => ['eve', 'a'.repeat(32), Buffer.alloc(32)],
  'a file that is not here': async ({ possessions }) => {
    const other = someBytes()
    const challenge = await possessions.ask('eve', claimOf(other))
    return ['eve', challenge.id, proofFrom(other, challenge)]
  },
  'a file that is not here, proved by what is read instead': async ({ possessions }) => {
    const zeros = Buffer.alloc(2_000_000)
    const challenge = await possessions.ask('eve', claimOf(zeros))
    return ['eve', challenge.id, proofFrom(zeros, challenge)]
  },
  'another size than the file has': async ({ possessions }) => {
    const challenge = await possessions.ask('eve', { ...claimOf(bytes), sizeBytes: 1_000_000 })
    return ['eve', challenge.id, proofFrom(bytes, challenge)]
  },
  'a file that has been collected': async ({ possessions, store, scheduler }, _challenge) => {
    await scheduler.advance(8 * 24 * 3_600_000)
    store.collection.allHeard()
    expect(await store.collection.run()).toMatchObject({ files: 1, blobs: 1 })
    const challenge = await possessions.ask('eve', claimOf(bytes))
    return ['eve', challenge.id, proofFrom(bytes, challenge)]
  },
}

describe.each(Object.entries(tries))('%s', (_what, attempt) => {
  test('is refused as what is not there, at the boundary and not before, and makes nothing', async () => {
    const world = await setup()
    const { possessions, scheduler, store } = world
    const challenge = await possessions.ask('eve', claimOf(bytes))
    const [owner, id, proof] = await attempt(world, challenge)
    let told: unknown
    possessions.prove(owner, id, proof).catch((error: unknown) => (told = error))
    await scheduler.advance(answerMs - 1)
    expect(told).toBeUndefined()
    await scheduler.advance(1)
    await eventually(() => told !== undefined)
    expect(told).toMatchObject(refused)
    expect(store.files.storedBy(owner).files).toBe(0)
  })
})

test('a challenge stays open to its owner when others have tried it', async () => {
  const world = await setup()
  const challenge = await world.possessions.ask('ann', claimOf(bytes))
  const proof = proofFrom(bytes, challenge)
  expect(await outcome(world, 'eve', challenge.id, proof)).toMatchObject(refused)
  expect(await outcome(world, 'ann', challenge.id, proof)).toBe('ann')
})

test('asking opens no blob and answers alike whether there is one or not', async () => {
  const { possessions, blobs } = await setup()
  const before = blobs.opened
  const here = await possessions.ask('eve', claimOf(bytes))
  const absent = await possessions.ask('eve', claimOf(someBytes()))
  expect(blobs.opened).toBe(before)
  const shape = ({ id, nonce, ranges }: Challenge) => [
    id.length,
    nonce.length,
    ranges.map(({ start, end }) => end - start),
  ]
  expect(shape(here)).toEqual(shape(absent))
  expect(here.nonce).not.toEqual(absent.nonce)
})
