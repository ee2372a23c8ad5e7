import type { BlobIntake, CompleteUpload, FinishedFile } from '@parley/uploads'
import { mediaTypeOf } from './media-type.ts'

/** Makes a file of a complete upload: one blob, described by what its bytes show. */
export async function finishFile(upload: CompleteUpload, blobs: BlobIntake): Promise<FinishedFile> {
  const { path, digest, sizeBytes } = upload
  const type = await mediaTypeOf(path)
  await blobs.put(path, digest)
  return { facts: {}, variants: [{ variant: 'full', digest, sizeBytes, type }] }
}
