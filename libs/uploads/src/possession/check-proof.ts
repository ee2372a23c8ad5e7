import { timingSafeEqual } from 'node:crypto'
import type { BlobStore, OpenBlob } from '@parley/blob-store'
import type { Logger } from '@parley/service-kit'
import type { ByteRange } from '../http/ranges.ts'
import type { IndexDatabase } from '../open-index.ts'
import type { Decoy } from './decoy.ts'
import { knownType } from './known-blob.ts'
import { proofOf } from './proof.ts'

/** What checking a proof reads. */
export interface ProofSources {
  readonly db: IndexDatabase
  readonly blobs: BlobStore
  readonly log: Logger
}

/** What was asked, and of which bytes. */
export interface Asked {
  readonly digest: string
  readonly sizeBytes: number
  readonly nonce: Uint8Array
  readonly ranges: readonly ByteRange[]
}

/**
 * The media type of the blob that a proof is right for. Undefined for a wrong proof, and for what is
 * not here or cannot be read: as much is read and hashed then, of the decoy.
 */
export async function checkProof(
  on: ProofSources,
  decoy: Decoy,
  asked: Asked,
  proof: Uint8Array,
): Promise<string | undefined> {
  try {
    const { digest, sizeBytes } = asked
    const type = knownType(on.db, digest, sizeBytes)
    const blob = await openWhole(on.blobs, digest, sizeBytes)
    const isRight = await withSource(blob ?? (await decoy.open()), async (source) =>
      timingSafeEqual(await proofOf(source, asked.nonce, asked.ranges), proof),
    )
    // What the decoy proves anybody can compute.
    return blob && isRight ? type : undefined
  } catch (error) {
    on.log.warn({ err: error }, 'proof of possession could not be checked')
    return undefined
  }
}

// A blob of another size is damaged, or the claim is wrong.
async function openWhole(blobs: BlobStore, digest: string, sizeBytes: number) {
  const blob = await blobs.open(digest)
  if (blob?.sizeBytes === sizeBytes) return blob
  await blob?.close()
  return undefined
}

async function withSource<T>(source: OpenBlob, work: (source: OpenBlob) => Promise<T>): Promise<T> {
  try {
    return await work(source)
  } finally {
    await source.close()
  }
}
