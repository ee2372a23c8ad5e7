import { randomBytes, randomUUID } from 'node:crypto'
import { verifyReceipt } from '@parley/auth'
import { digestBytes } from '@parley/blob-store'
import type { Env } from '@parley/service-kit'
import { tempFolder } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ask, upload } from './testing/http.ts'
import { challenge, claimOf, postPossession, proofOf, reasonOf } from './testing/possession.ts'
import type { ChallengeBody } from './testing/possession.ts'
import { rankDistance } from './testing/rank-distance.ts'
import { receiptVerifier } from './testing/receipts.ts'
import { alice, bob } from './testing/relay.ts'
import { startWorld } from './testing/world.ts'

/** A server that has a file of Bob's. */
async function setup(more: Env = {}) {
  const folder = await tempFolder()
  const world = await startWorld(folder, more)
  onTestFinished(() => world.server.close())
  const bytes = randomBytes(1_000_000)
  await upload(world.root, await world.relay.access(bob), bytes)
  return { ...world, bytes, token: await world.relay.access(alice) }
}

// A machine under load may take long to read: refusals are not what these tests are about.
const patient = { POSSESSION_ANSWER_MS: '20000' }

describe('a file that the server has', () => {
  test('is had by whoever proves to have it, without sending it', async () => {
    const { root, relay, internal, token, bytes } = await setup(patient)
    const asked = await challenge(root, token, bytes, '报告.pdf')
    const proof = proofOf(bytes, asked)
    const answer = await postPossession(root, token, `/${asked.id}`, { proof })
    expect(answer.status).toBe(201)
    const { 'parley-file-id': id = '', 'parley-receipt': receipt = '' } = answer.headers
    expect(JSON.parse(answer.body.toString())).toEqual({ fileId: id })
    expect(await verifyReceipt(await receiptVerifier(internal), receipt)).toMatchObject({
      ownerId: alice,
      blobId: id,
      sizeBytes: bytes.length,
      digest: digestBytes(bytes),
    })
    const down = await ask('GET', `${root}/files/${id}`, await relay.ticket(bob, id))
    expect(Buffer.compare(down.body, bytes)).toBe(0)
    expect(down.headers['content-disposition']).toContain('%E6%8A%A5%E5%91%8A.pdf')
    const again = await postPossession(root, token, `/${asked.id}`, { proof })
    expect(again.headers['parley-file-id']).toBe(id)
  })

  test('costs the quota of whoever gets it', async () => {
    const { root, token, bytes } = await setup({ ...patient, MAX_USER_BYTES: '1500000' })
    const [one, two] = [await challenge(root, token, bytes), await challenge(root, token, bytes)]
    const prove = ({ id }: ChallengeBody, proof: string) =>
      postPossession(root, token, `/${id}`, { proof })
    expect((await prove(one, proofOf(bytes, one))).status).toBe(201)
    const second = await prove(two, proofOf(bytes, two))
    expect([second.status, reasonOf(second)]).toEqual([507, 'QUOTA_EXCEEDED'])
    expect((await postPossession(root, token, '', claimOf(bytes))).status).toBe(507)
  })
})

describe('a refused proof', () => {
  const wrong = 'f'.repeat(64)

  async function refuse(root: string, token: string, id: string, proof: string) {
    const startedMs = performance.now()
    const answer = await postPossession(root, token, `/${id}`, { proof })
    return { answer, tookMs: performance.now() - startedMs }
  }

  test('looks as what is not there does, whatever was wrong', async () => {
    const { root, relay, token, bytes } = await setup({ POSSESSION_ANSWER_MS: '60' })
    const half = Buffer.from(bytes).fill(0, 500_000)
    const absent = randomBytes(1_000_000)
    const nowhere = 'a'.repeat(32)
    const [one, two, three] = [
      await challenge(root, token, bytes),
      await challenge(root, token, bytes),
      await challenge(root, token, absent),
    ]
    const theirs = await challenge(root, await relay.access(bob), bytes)
    const refusals = [
      await refuse(root, token, one.id, wrong),
      await refuse(root, token, one.id, proofOf(bytes, one)),
      await refuse(root, token, two.id, proofOf(half, two)),
      await refuse(root, token, three.id, proofOf(absent, three)),
      await refuse(root, token, theirs.id, proofOf(bytes, theirs)),
      await refuse(root, token, nowhere, wrong),
    ].map(({ answer }) => answer)
    const missing = await ask('GET', `${root}/files/${nowhere}`, await relay.ticket(bob, nowhere))
    const face = ({ status, headers, body }: typeof missing) => {
      const { date: _date, ...rest } = headers
      return [status, rest, body.toString()]
    }
    expect(refusals.map(face)).toEqual(refusals.map(() => face(missing)))
    expect(missing.status).toBe(404)
  })

  test('takes as long whether the file is here or not', async () => {
    const { root, relay, bytes } = await setup({ POSSESSION_ANSWER_MS: '60' })
    const absent = randomBytes(bytes.length)
    const others = await relay.access(bob)
    const times = { here: [], absent: [], foreign: [], malformed: [] } as Record<string, number[]>
    // In turns, so that what else this machine does falls on all alike; the first warm it up.
    for (let round = -1; round < 12; round += 1) {
      const token = await relay.access(randomUUID())
      const asked = {
        here: [(await challenge(root, token, bytes)).id, wrong],
        absent: [(await challenge(root, token, absent)).id, wrong],
        foreign: [(await challenge(root, others, randomBytes(1_000))).id, wrong],
        malformed: ['a'.repeat(32), ''],
      }
      for (const [kind, [id = '', proof = '']] of Object.entries(asked)) {
        const { tookMs } = await refuse(root, token, id, proof)
        if (round >= 0) times[kind]?.push(tookMs)
      }
    }
    const { here = [], absent: gone = [], foreign = [], malformed = [] } = times
    expect(rankDistance(here, gone)).toBeLessThan(4)
    expect(rankDistance(here, foreign)).toBeLessThan(4)
    // What is answered at once is told apart: the measure sees what there is to see.
    expect(rankDistance(here, malformed)).toBeGreaterThan(2)
  })
})

describe('a question', () => {
  test('looks alike whether the file is here or not', async () => {
    const { root, token, bytes } = await setup()
    const face = async (claim: unknown) => {
      const answer = await postPossession(root, token, '', claim)
      const { date: _date, 'content-length': _length, ...headers } = answer.headers
      const { id, nonce, ranges } = JSON.parse(answer.body.toString()) as ChallengeBody
      return [answer.status, headers, id.length, nonce.length, ranges.length]
    }
    expect(await face(claimOf(bytes))).toEqual(await face(claimOf(randomBytes(bytes.length))))
  })

  test('about one file is asked so often and no more', async () => {
    const { root, token, bytes } = await setup()
    for (let time = 0; time < 20; time += 1) await challenge(root, token, bytes)
    const refused = await postPossession(root, token, '', claimOf(bytes))
    expect([refused.status, reasonOf(refused)]).toEqual([429, 'RATE_LIMITED'])
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  })
})
