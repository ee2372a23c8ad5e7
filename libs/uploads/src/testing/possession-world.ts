import { randomBytes } from 'node:crypto'
import { MemoryBlobStore, digestBytes, keyedDigest } from '@parley/blob-store'
import type { OpenBlob } from '@parley/blob-store'
import { FakeScheduler, recordingLogger, tempFolder } from '@parley/testkit'
import { onTestFinished } from 'vitest'
import { defaultUploadLimits } from '../limits.ts'
import type { UploadLimits } from '../limits.ts'
import { openUploads } from '../open-uploads.ts'
import { proofContext } from '../possession/proof.ts'
import type { Challenge } from '../possession/possessions.ts'
import type { Finish } from '../upload.ts'

/** When refusals leave in these tests. */
export const answerMs = 250

/** A store whose blobs can be made to open late. */
class GatedBlobs extends MemoryBlobStore {
  gate: Promise<void> = Promise.resolve()
  opened = 0

  override async open(digest: string): Promise<OpenBlob | undefined> {
    this.opened += 1
    await this.gate
    return super.open(digest)
  }
}

const finish: Finish = async ({ path, digest, sizeBytes }, blobs) => {
  await blobs.put(path, digest)
  return { facts: {}, variants: [{ variant: 'full', digest, sizeBytes, type: 'text/plain' }] }
}

/** An upload store with proofs of possession, on a clock of its own. */
export async function possessionWorld(limits: Partial<UploadLimits> = {}) {
  const scheduler = new FakeScheduler()
  const blobs = new GatedBlobs()
  const folder = await tempFolder()
  const { log, lines } = recordingLogger()
  const all = { ...defaultUploadLimits, minFreeBytes: 0, ...limits }
  const opening = { folder, blobs, limits: all, finish, scheduler, log }
  const store = await openUploads(opening)
  onTestFinished(() => store.close())
  const possessions = store.openPossessions(answerMs)
  const upload = async (owner: string, bytes: Uint8Array) => {
    const { id } = await store.uploads.create(owner, { sizeBytes: bytes.length })
    const { file } = await store.uploads.append(id, owner, 0, { chunks: chunksOf(bytes) })
    if (!file) throw new Error('not complete')
    return file
  }
  return { scheduler, blobs, store, possessions, upload, lines }
}

/** What somebody claims who has these bytes. */
export function claimOf(bytes: Uint8Array, name?: string) {
  return { digest: digestBytes(bytes), sizeBytes: bytes.length, name }
}

/** The right proof, for whoever has all that is asked for. */
export function proofFrom(bytes: Uint8Array, { nonce, ranges }: Challenge): Buffer {
  const parts = ranges.map(({ start, end }) => bytes.subarray(start, end))
  return keyedDigest(proofContext, nonce, parts)
}

/** The bytes with those from `start` to `end` (excluded) not known. */
export function lacking(bytes: Uint8Array, start: number, end: number): Buffer {
  return Buffer.from(bytes).fill(0, start, end)
}

/** Bytes that nobody else has. */
export function someBytes(sizeBytes = 2_000_000): Buffer {
  return randomBytes(sizeBytes)
}

async function* chunksOf(bytes: Uint8Array) {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
}
